import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";

interface UnreadMark {
  /** Whether the mark is above the visible part of the log, and was not seen yet. */
  readonly isAbove: boolean;
  /** Scrolls to the mark. Returns false if there is none. */
  toMark(this: void): boolean;
}

/** Where the mark before the first unread message is, seen from the visible part of the log. */
export function useUnreadMark(scroller: RefObject<HTMLElement | null>, { log }: StreamSession): UnreadMark {
  const [isAbove, setAbove] = useState(false);
  const key = log.firstUnread.value;

  useEffect(() => {
    setAbove(false);
    const mark = findMark(scroller.current);
    if (mark === null) return;
    const onChange = (changes: readonly IntersectionObserverEntry[]): void => {
      const last = changes.at(-1);
      // Nobody looks at a hidden page.
      if (last === undefined || document.hidden) return;
      const { isIntersecting, boundingClientRect, rootBounds } = last;
      if (isIntersecting) stop();
      setAbove(!isIntersecting && boundingClientRect.bottom <= (rootBounds?.top ?? 0));
    };
    const observer = new IntersectionObserver(onChange, { root: scroller.current });
    // Observing anew tells where it is now.
    const observe = (): void => {
      observer.unobserve(mark);
      observer.observe(mark);
    };
    const stop = (): void => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", observe);
    };
    document.addEventListener("visibilitychange", observe);
    observe();
    return stop;
  }, [scroller, key]);

  return {
    isAbove,
    toMark() {
      const mark = findMark(scroller.current);
      mark?.scrollIntoView({ block: "start" });
      return mark !== null;
    },
  };
}

function findMark(scroller: HTMLElement | null): Element | null {
  return scroller?.querySelector(".unread-mark") ?? null;
}
