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
    const mark = findMark(scroller.current);
    if (mark === null) {
      setAbove(false);
      return;
    }
    const observer = new IntersectionObserver(
      (seen) => {
        const last = seen.at(-1);
        if (last === undefined) return;
        const { isIntersecting, boundingClientRect, rootBounds } = last;
        if (isIntersecting) observer.disconnect();
        setAbove(!isIntersecting && boundingClientRect.bottom <= (rootBounds?.top ?? 0));
      },
      { root: scroller.current },
    );
    observer.observe(mark);
    return () => observer.disconnect();
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
