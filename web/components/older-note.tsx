import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";
import { LeavingMark } from "./leaving-mark.tsx";

/** How far above the visible part older messages start to load. */
const MARGIN = "800px 0px 0px 0px";

/** The top of the log: loads older messages when it comes into view. */
export function OlderNote({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const note = useRef<HTMLDivElement>(null);
  const older = session.older.value;
  const first = session.log.entries.value[0]?.key;

  useEffect(() => {
    const element = note.current;
    if (element === null || older !== "some" || first === undefined) return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) void session.loadOlder();
      },
      { root: element.parentElement, rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [session, older, first]);

  // Of a full log that was loaded, nobody knows whether it ever was longer.
  const isFull = session.log.entries.value.length >= MAX_MESSAGES;
  const beginning = session.log.isTrimmed.value ? "dropped" : isFull ? "newestKept" : "beginning";

  return (
    <div class="older" ref={note} aria-live="off">
      {older === "loading" && language.t("older")}
      {older === "none" && first !== undefined && language.t(beginning, { count: MAX_MESSAGES })}
      <LeavingMark session={session} />
      {older === "failed" && (
        <button class="small" onClick={() => void session.loadOlder()}>
          {language.t("olderFailed")} {language.t("retry")}
        </button>
      )}
    </div>
  );
}
