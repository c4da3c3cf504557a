import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Talk } from "../state/talk.ts";
import { useLanguage } from "./context.ts";

/** How far above what is seen older messages are asked for. */
const MARGIN = "800px 0px 0px 0px";

/** The top of the log: comes into view, and older messages are asked for. */
export function OlderNote({ talk }: { readonly talk: Talk }): JSX.Element {
  const language = useLanguage();
  const note = useRef<HTMLDivElement>(null);
  const older = talk.older.value;
  const first = talk.log.entries.value[0]?.key;

  useEffect(() => {
    const element = note.current;
    if (element === null || older !== "some" || first === undefined) return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) void talk.loadOlder();
      },
      { root: element.parentElement, rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [talk, older, first]);

  return (
    <div class="older" ref={note} aria-live="off">
      {older === "loading" && language.say("older")}
      {older === "none" && first !== undefined && language.say("beginning")}
      {older === "failed" && (
        <button class="small" onClick={() => void talk.loadOlder()}>
          {language.say("olderFailed")} {language.say("retry")}
        </button>
      )}
    </div>
  );
}
