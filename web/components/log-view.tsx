import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Talk } from "../state/talk.ts";
import { useLanguage } from "./context.ts";
import { EmptyLog } from "./empty-log.tsx";
import { Icon } from "./icon.tsx";
import { LogLine } from "./log-line.tsx";
import { LogTimes } from "./log-times.tsx";
import { OlderNote } from "./older-note.tsx";
import { useLogScroll } from "./use-log-scroll.ts";

/** What was said, and what is on its way. */
export function LogView({ talk }: { readonly talk: Talk }): JSX.Element {
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const { log, outbox, history } = talk;
  const entries = log.entries.value;
  const pending = outbox.pending.value;
  const toEnd = useLogScroll(scroller, talk);
  const isEmpty = entries.length === 0 && pending.length === 0;
  return (
    <div class="log-frame">
      {/* Has a place among what the keyboard reaches, to be scrolled by it. */}
      <div
        class="scroller"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={language.say("messages")}
        aria-describedby="log-times"
        aria-live={history.value === "loading" || talk.older.value === "loading" ? "off" : "polite"}
        aria-relevant="additions"
      >
        <OlderNote talk={talk} />
        <ol class="log">
          {[...entries, ...pending].map((line) => (
            <LogLine key={line.key} talk={talk} line={line} language={language} />
          ))}
        </ol>
        {isEmpty && <EmptyLog talk={talk} />}
      </div>
      <LogTimes talk={talk} />
      {!log.atEnd.value && (
        <button class="to-end" onClick={toEnd}>
          {log.unread.value > 0
            ? language.say("newMessages", { count: log.unread.value })
            : language.say("toEnd")}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}
