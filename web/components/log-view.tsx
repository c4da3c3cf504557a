import { Fragment, type JSX } from "preact";
import { useRef } from "preact/hooks";
import { authoredOf } from "../state/entry.ts";
import { rowsOf, type Row } from "../state/runs.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";
import { EmptyLog } from "./empty-log.tsx";
import { FindSlot } from "./find-slot.tsx";
import { Icon } from "./icon.tsx";
import { LogLine } from "./log-line.tsx";
import { NewestTime } from "./newest-time.tsx";
import { OlderNote } from "./older-note.tsx";
import { useActiveLine } from "./use-active-line.ts";
import { useLogScroll } from "./use-log-scroll.ts";
import { useSettled } from "./use-settled.ts";
import { useUnreadMark } from "./use-unread-mark.ts";

/** The messages, sent and pending. */
export function LogView({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const { log, outgoing, history } = session;
  const { entries } = log;
  const { pending } = outgoing;
  const lines = [...entries.value, ...pending.value];
  const toEnd = useLogScroll(scroller, session, { entries, pending });
  const { isAbove, toMark } = useUnreadMark(scroller, session);
  const { active, handlers } = useActiveLine(scroller);
  const isSettled = useSettled(history.value !== "loading" && session.older.value !== "loading");
  const unread = log.unread.value;
  const toUnread = (): void => {
    if (unread > 0 && toMark()) log.setRead();
    else toEnd();
  };
  return (
    <div class="log-frame">
      <FindSlot session={session} scroller={scroller} />
      {/* Focusable, so that it can be scrolled by keyboard. */}
      <div
        class="scroller"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={language.t("messages")}
        aria-describedby="newest-time"
        aria-live={isSettled ? "polite" : "off"}
        aria-relevant="additions"
        {...handlers}
      >
        <OlderNote session={session} />
        <ol class="log">
          {rowsOf(lines, authoredOf).map(({ line, isFirst, pause }) => (
            <Fragment key={line.key}>
              {pause !== undefined && line.kind === "message" && <Pause pause={pause} time={line.time} />}
              {line.key === log.firstUnread.value && <UnreadMark />}
              <LogLine session={session} line={line} isFirst={isFirst} active={active} language={language} />
            </Fragment>
          ))}
        </ol>
        {lines.length === 0 && <EmptyLog session={session} />}
      </div>
      <NewestTime session={session} />
      {isAbove && (
        <button class="jump to-mark" onClick={toMark}>
          {language.t("toNew")}
          <Icon name="up" />
        </button>
      )}
      {!log.atEnd.value && (
        <button class="jump to-end" onClick={toUnread}>
          {unread > 0 ? language.t("newMessages", { count: unread }) : language.t("toEnd")}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

/** The day or the time of the next message, for the eye: a long time has passed. */
function Pause({ pause, time }: { readonly pause: Row<never>["pause"]; readonly time: Date }): JSX.Element {
  const language = useLanguage();
  return (
    <li class="event pause" aria-hidden="true">
      {pause === "day" ? language.day(time) : language.time(time)}
    </li>
  );
}

/** In front of the messages that came while the user was away. Not announced: they are. */
function UnreadMark(): JSX.Element {
  const language = useLanguage();
  return (
    <li class="event unread-mark" aria-live="off">
      {language.t("unreadMark")}
    </li>
  );
}
