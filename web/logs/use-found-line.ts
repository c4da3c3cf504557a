import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";
import type { LogLines } from "./log-lines.ts";

interface FoundLineOptions {
  readonly session: StreamSession;
  readonly lines: LogLines;
  readonly scroller: RefObject<HTMLElement | null>;
  /** To how many blocks the filter has been applied, and to how many it will be. */
  readonly filtered: number;
  readonly count: number;
  readonly toEnd: () => void;
}

/**
 * Scrolls to the newest hits when a filter is typed. When it is gone, the hit that the user went to last stays in view, with what is
 * around it.
 */
export function useFoundLine({ session, lines, scroller, filtered, count, toEnd }: FoundLineOptions): void {
  /** The key of the line to show once it is there. */
  const awaited = useRef<string | undefined>(undefined);
  const filter = lines.filter.value;

  useLayoutEffect(() => {
    awaited.current = lines.isFiltered.peek() ? undefined : lines.visited;
    if (lines.isFiltered.peek()) lines.visited = undefined;
    // Otherwise the log would follow its end.
    if (awaited.current !== undefined) session.log.setAtEnd(false);
    else toEnd();
  }, [lines, session, filter]);

  useLayoutEffect(() => {
    const key = awaited.current;
    if (key === undefined) return;
    const found = scroller.current?.querySelector<HTMLElement>(
      `.lines:not([data-waiting]) > [data-key="${CSS.escape(key)}"]`,
    );
    if (found === null || found === undefined) return;
    // Blocks around it may still change.
    if (filtered >= count) awaited.current = undefined;
    found.scrollIntoView({ block: "center" });
    // Not while more is typed.
    if (document.activeElement !== scroller.current) return;
    found.tabIndex = -1;
    found.focus({ preventScroll: true });
  }, [scroller, filter, filtered, count]);
}
