import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";

/** A reader within this distance of the end follows it, in pixels. */
const NEAR = 48;

/**
 * Keeps the end of the log in view for a reader at the end, whether the log grows or the message box below. Other readers keep
 * their position, by the browser's scroll anchoring. Returns a function that scrolls to the end.
 */
export function useLogScroll(scroller: RefObject<HTMLDivElement | null>, session: StreamSession): () => void {
  const { log, outgoing } = session;
  const entries = log.entries.value;
  const pending = outgoing.pending.value;
  const first = entries[0]?.key;
  /** The scroll position of the end, when last scrolled there. */
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

  // Users want to see what they send.
  useLayoutEffect(() => {
    if (pending.length > 0) toEnd();
  }, [pending.length]);

  // Browsers do not anchor at the very top: prepended messages would push everything down.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && element.scrollTop === 0 && !log.atEnd.peek()) element.scrollTop = 1;
  }, [session.older.value, first]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = (): void => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      // Content that grew is not the reader scrolling: only moving up is.
      if (!isNear && log.atEnd.peek() && element.scrollTop >= reached.current) return;
      // In a window that was resized, the end may be further up.
      if (isNear) reached.current = element.scrollTop;
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
  }, [session]);

  return toEnd;
}
