import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import { LinkedText } from "../components/linked-text.tsx";
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
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
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
          {lines.map((line) => (
            <Line key={line.key} line={line} />
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

function Line({ line }: { readonly line: PipeLine }): JSX.Element {
  switch (line.kind) {
    case "note":
      return <li class={line.isWarning ? "event gap" : "event"}>{texts().t(line.text)}</li>;
    case "file":
      return <FileEntry line={line} />;
    case "text":
      return <Text line={line} />;
  }
}

function Text({ line }: { readonly line: TextLine }): JSX.Element {
  const language = useLanguage();
  return (
    <li class="message" data-own={line.own} data-sending={line.state === "sent" ? undefined : line.state}>
      <p dir="auto">
        <LinkedText text={line.text} />
      </p>
      {line.state === "sent" && (
        <time aria-hidden="true" dateTime={line.time.toISOString()} title={language.dateTime(line.time)}>
          {language.time(line.time)}
        </time>
      )}
      {line.state === "sending" && (
        <span class="delivery" aria-hidden="true">
          {language.t("sending")}
        </span>
      )}
      {line.state === "failed" && <span class="delivery">{texts().t("notSent")}</span>}
    </li>
  );
}
