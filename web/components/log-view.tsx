import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";
import { EmptyLog } from "./empty-log.tsx";
import { Icon } from "./icon.tsx";
import { LeavingMark } from "./leaving-mark.tsx";
import { LogLine } from "./log-line.tsx";
import { NewestTime } from "./newest-time.tsx";
import { OlderNote } from "./older-note.tsx";
import { useLogScroll } from "./use-log-scroll.ts";

/** The messages, sent and pending. */
export function LogView({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const { log, outgoing, history } = session;
  const entries = log.entries.value;
  const pending = outgoing.pending.value;
  const toEnd = useLogScroll(scroller, session);
  const isEmpty = entries.length === 0 && pending.length === 0;
  return (
    <div class="log-frame">
      {/* Focusable, so that it can be scrolled by keyboard. */}
      <div
        class="scroller"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={language.t("messages")}
        aria-describedby="newest-time"
        aria-live={history.value === "loading" || session.older.value === "loading" ? "off" : "polite"}
        aria-relevant="additions"
      >
        <OlderNote session={session} />
        <LeavingMark session={session} />
        <ol class="log">
          {[...entries, ...pending].map((line) => (
            <LogLine key={line.key} session={session} line={line} language={language} />
          ))}
        </ol>
        {isEmpty && <EmptyLog session={session} />}
      </div>
      <NewestTime session={session} />
      {!log.atEnd.value && (
        <button class="to-end" onClick={toEnd}>
          {log.unread.value > 0
            ? language.t("newMessages", { count: log.unread.value })
            : language.t("toEnd")}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}
