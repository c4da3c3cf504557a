import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import { MessageRow } from "../components/message-row.tsx";
import { rowsOf, type Authored } from "../state/runs.ts";
import { FileEntry } from "./file-entry.tsx";
import type { OpenPipe } from "./open-pipe.ts";
import type { PipeLine, TextLine } from "./pipe-line.ts";
import { PipeWaiting } from "./pipe-waiting.tsx";
import { texts } from "./texts.ts";

/** A reader within this distance of the end follows it, in pixels. */
const NEAR = 48;

/** What passed through a pipe. */
export function PipeLog({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const lines = pipe.lines.value;

  useLayoutEffect(() => {
    const element = scroller.current;
    // While there is nothing to follow, the invitation is read from its beginning.
    if (element !== null && isAtEnd.current && lines.length > 0) element.scrollTop = element.scrollHeight;
  }, [lines]);

  return (
    <div class="log-frame">
      <div
        class="scroller"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={language.t("messages")}
        aria-relevant="additions"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
        }}
      >
        <ol class="log">
          {rowsOf(lines, authoredOf).map(({ line, isFirst }) => (
            <Line key={line.key} line={line} isFirst={isFirst} />
          ))}
        </ol>
        {!pipe.isJoined.value && pipe.state.value.kind !== "closed" && <PipeWaiting pipe={pipe} />}
        {pipe.isJoined.value && lines.length === 0 && (
          <div class="empty">
            <p>{texts().t("pipeEmpty")}</p>
          </div>
        )}
      </div>
    </div>
  );
}

/** There are two ends, and everyone knows which one is the other. */
function authoredOf(line: PipeLine): Authored | undefined {
  return line.kind === "text" ? { author: line.own ? "own" : "other", time: line.time } : undefined;
}

function Line({ line, isFirst }: { readonly line: PipeLine; readonly isFirst: boolean }): JSX.Element {
  switch (line.kind) {
    case "note":
      return <li class={line.isWarning ? "event gap" : "event"}>{texts().t(line.text)}</li>;
    case "file":
      return <FileEntry line={line} />;
    case "text":
      return <Text line={line} isFirst={isFirst} />;
  }
}

function Text({ line, isFirst }: { readonly line: TextLine; readonly isFirst: boolean }): JSX.Element {
  const language = useLanguage();
  const { text, own, time, state } = line;
  return (
    <MessageRow
      text={text}
      author={own ? undefined : texts().t("otherEnd")}
      own={own}
      time={time}
      isFirst={isFirst}
      sending={state === "sent" ? undefined : state}
      language={language}
    >
      {state === "sending" && (
        <span class="delivery" aria-hidden="true">
          {language.t("sending")}
        </span>
      )}
      {state === "failed" && <span class="delivery">{texts().t("notSent")}</span>}
    </MessageRow>
  );
}
