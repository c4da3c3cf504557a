import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Entry, PendingMessage } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";

/** What is shown of a stream. */
interface Shown {
  readonly entries: ReadonlySignal<readonly Entry[]>;
  readonly pending: ReadonlySignal<readonly PendingMessage[]>;
}

/** A reader within this distance of the end follows it, in pixels. */
const NEAR = 48;

/**
 * Keeps the end of the log in view for a reader at the end, whether the log grows or the message box below. Other readers keep
 * their position, by the browser's scroll anchoring. Returns a function that scrolls to the end.
 */
export function useLogScroll(
  scroller: RefObject<HTMLDivElement | null>,
  session: StreamSession,
  shown: Shown,
): () => void {
  const { log } = session;
  const entries = shown.entries.value;
  const pending = shown.pending.value;
  const first = entries[0]?.key;
  /** The scroll position of the end, when last scrolled there, and the height of the window then. */
  const reached = useRef({ top: 0, height: 0 });

  const toEnd = (): void => {
    const element = scroller.current;
    if (element !== null) {
      element.scrollTop = element.scrollHeight;
      reached.current = { top: element.scrollTop, height: element.clientHeight };
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
    if (element !== null && !log.atEnd.peek() && element.scrollTop === 0) element.scrollTop = 1;
  }, [session.older.value, first]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = (): void => {
      const { scrollTop, clientHeight, scrollHeight } = element;
      const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
      // Content that grew is not the reader scrolling, nor is a window that was resized: only moving up is.
      const { top, height } = reached.current;
      if (!isNear && log.atEnd.peek() && (scrollTop >= top || clientHeight !== height)) return;
      // In a window that was resized, the end may be further up.
      if (isNear) reached.current = { top: scrollTop, height: clientHeight };
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
