import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Talk } from "../state/talk.ts";

/** Whoever is so near to the end reads the end, in pixels. */
const NEAR = 48;

/**
 * Keeps the end of the log in view for those who read there, whatever grows: messages, or the draft below. Others stay where they are,
 * for which the browser's scroll anchoring cares. Answers what goes to the end.
 */
export function useLogScroll(scroller: RefObject<HTMLDivElement | null>, talk: Talk): () => void {
  const { log, outbox } = talk;
  const entries = log.entries.value;
  const pending = outbox.pending.value;
  const first = entries[0]?.key;
  /** Where the end was when it was last gone to. */
  const reached = useRef(0);

  const toEnd = (): void => {
    const element = scroller.current;
    if (element !== null) {
      element.scrollTop = element.scrollHeight;
      reached.current = element.scrollTop;
    }
    log.setAtEnd(true);
  };

  useLayoutEffect(() => {
    if (log.atEnd.peek()) toEnd();
  }, [entries]);

  // What one sends oneself, one wants to see.
  useLayoutEffect(() => {
    if (pending.length > 0) toEnd();
  }, [pending.length]);

  // At the very top, browsers do not anchor: what comes before would push all down.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && element.scrollTop === 0 && !log.atEnd.peek()) element.scrollTop = 1;
  }, [talk.older.value, first]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = (): void => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      // What has grown since is not the reader's doing: only going up is.
      if (!isNear && log.atEnd.peek() && element.scrollTop >= reached.current) return;
      log.setAtEnd(isNear);
    };
    const stay = new ResizeObserver(() => {
      if (log.atEnd.peek()) toEnd();
    });
    stay.observe(element);
    for (const child of element.children) stay.observe(child);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      stay.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [talk]);

  return toEnd;
}
