// The view of streams that are logs: loaded with the first of them.
import type { JSX, RefObject, TargetedKeyboardEvent } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { addStyle } from "../components/add-style.ts";
import { useLanguage } from "../components/context.ts";
import { EmptyLog } from "../components/empty-log.tsx";
import { Icon } from "../components/icon.tsx";
import { LeavingMark } from "../components/leaving-mark.tsx";
import { NewestTime } from "../components/newest-time.tsx";
import { OlderNote } from "../components/older-note.tsx";
import { useActiveLine } from "../components/use-active-line.ts";
import { useLogScroll } from "../components/use-log-scroll.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { copyText } from "../text/copy.ts";
import ansiStyle from "./ansi.css" with { type: "text" };
import { Announcer } from "./announcer.tsx";
import { LogBlock } from "./log-block.tsx";
import type { LineBlock } from "./line-blocks.ts";
import linesStyle from "./lines.css" with { type: "text" };
import { LogLines } from "./log-lines.ts";
import { PendingRow } from "./log-row.tsx";
import frameStyle from "./logs.css" with { type: "text" };
import { LogsBar } from "./logs-bar.tsx";
import { copyMessages, focusedMessage } from "./selection.ts";
import { texts } from "./texts.ts";
import { useFoundLine } from "./use-found-line.ts";
import { useHitMarks } from "./use-hit-marks.ts";
import { useProgress } from "./use-progress.ts";

export { loadTexts } from "./texts.ts";

for (const style of [frameStyle, linesStyle, ansiStyle]) addStyle(style);

/** Lines that are changed at once: most of a window. The rest follows in the next frames. */
const AT_ONCE = 24;
/** Blocks. */
const DRAWN_PER_FRAME = 1;
const FILTERED_PER_FRAME = 2;

/** A stream as a log: a line for each message, to be filtered, paused, copied and saved. */
export function LogsView({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const filterField = useRef<HTMLInputElement>(null);
  const lines = useMemo(() => new LogLines(session), [session]);
  const toEnd = useLogScroll(scroller, session, lines);

  useEffect(() => () => lines.close(), [lines]);

  const { log } = session;
  const resume = (): void => {
    lines.resume();
    toEnd();
  };
  return (
    <div class="log-frame logs" data-times={lines.times.value} data-encrypted={session.parts !== undefined}>
      <LogsBar
        session={session}
        lines={lines}
        filterField={filterField}
        scroller={scroller}
        onResume={resume}
      />
      <Lines session={session} lines={lines} scroller={scroller} filterField={filterField} toEnd={toEnd} />
      <Announcer session={session} lines={lines} />
      <NewestTime session={session} />
      {!log.atEnd.value && (
        <button class="jump to-end" onClick={resume}>
          {log.unread.value > 0
            ? language.t("newMessages", { count: log.unread.value })
            : language.t("toEnd")}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

interface LinesProps {
  readonly session: StreamSession;
  readonly lines: LogLines;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly filterField: RefObject<HTMLInputElement | null>;
  readonly toEnd: () => void;
}

function Lines({ session, lines, scroller, filterField, toEnd }: LinesProps): JSX.Element {
  const language = useLanguage();
  const { active, handlers } = useActiveLine(scroller);
  const blocks = lines.blocks.value;
  const filter = lines.filter.value;
  const { frames } = lines;
  const work = { count: blocks.length, first: lines.blocksOf(AT_ONCE), frames };
  const drawn = useProgress({
    ...work,
    about: "drawing",
    step: DRAWN_PER_FRAME,
    reason: lines.drawing.value,
  });
  const filtered = useProgress({ ...work, about: "filtering", step: FILTERED_PER_FRAME, reason: filter });
  useHitMarks(scroller, lines, filtered);
  useFoundLine({ session, lines, scroller, filtered, count: blocks.length, toEnd });
  const expanded = lines.expanded.value;
  const pointed = active.value;
  const pending = lines.pending.value;
  const isEmpty = blocks.length === 0 && pending.length === 0;

  const visit = (target: EventTarget | null): void => {
    const key = focusedMessage(target, lines.messages.peek())?.key;
    if (key !== undefined) lines.visited = key;
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = focusedMessage(event.target, lines.messages.peek());
    if (event.key === "f") filterField.current?.focus();
    else if (event.key === "Escape" && focused === undefined && lines.isFiltered.peek())
      lines.query.value = "";
    else if (event.key === "p") lines.togglePause();
    else if (event.key === "c" && focused !== undefined) void copyText(focused.text);
    else return handlers.onKeyDown(event);
    event.preventDefault();
  };

  return (
    <div
      class="scroller logs-scroller"
      ref={scroller}
      tabIndex={0}
      role="log"
      aria-label={language.t("messages")}
      aria-describedby="newest-time"
      // See Announcer: a fast stream would be announced for minutes.
      aria-live="off"
      {...handlers}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        handlers.onClick(event);
        visit(event.target);
      }}
      onFocusIn={(event) => {
        handlers.onFocusIn(event);
        visit(event.target);
      }}
      onCopy={(event) => copyMessages(event, event.currentTarget, lines.messages.peek())}
    >
      <OlderNote session={session} />
      <LeavingMark session={session} />
      {/* Programs write from left to right. */}
      <div role="list" class="all-lines" dir="ltr">
        {blocks.map((block, i) => (
          <LogBlock
            key={block.key}
            session={session}
            lines={lines}
            block={block}
            language={language}
            filter={filter}
            expanded={expanded}
            active={hasKey(block, pointed) ? pointed : undefined}
            isDrawn={i >= blocks.length - drawn}
            isFiltered={i >= blocks.length - filtered}
          />
        ))}
        {pending.map((one) => (
          <PendingRow key={one.key} session={session} pending={one} />
        ))}
      </div>
      {isEmpty && <EmptyLog session={session} />}
      {!isEmpty && lines.isFiltered.value && lines.hitCount.value === 0 && <NoHits lines={lines} />}
    </div>
  );
}

function hasKey({ entries }: LineBlock, wanted: string | undefined): boolean {
  return wanted !== undefined && entries.some(({ key }) => key === wanted);
}

function NoHits({ lines }: { readonly lines: LogLines }): JSX.Element {
  return (
    <div class="empty">
      <p>{texts().t("noHits")}</p>
      <button
        class="small"
        onClick={() => {
          lines.query.value = "";
        }}
      >
        {texts().t("clear")}
      </button>
    </div>
  );
}
