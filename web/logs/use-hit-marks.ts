import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { clearHighlights, highlight, rangesIn } from "../components/find-ranges.ts";
import type { LogLines } from "./log-lines.ts";

/** How long the log has been still when marks are made, in milliseconds: they are not worth a frame. */
const STILL = 120;

/** Marks what the filter found in the lines that are in view. */
export function useHitMarks(
  scroller: RefObject<HTMLElement | null>,
  lines: LogLines,
  filtered: number,
): void {
  const filter = lines.filter.value;
  const blocks = lines.blocks.value;

  useEffect(() => {
    const log = scroller.current;
    if (log === null || filter.wanted.length === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const mark = (): void => {
      timer = undefined;
      highlight(rangesIn(textsInView(log), filter.wanted));
    };
    const later = (): void => {
      timer ??= setTimeout(mark, STILL);
    };
    later();
    log.addEventListener("scroll", later, { passive: true });
    return () => {
      clearTimeout(timer);
      log.removeEventListener("scroll", later);
    };
  }, [scroller, filter, blocks, filtered]);

  useEffect(() => {
    if (filter.wanted.length > 0) return clearHighlights;
  }, [filter]);
}

/** The texts of the lines in the blocks that are in view. */
function textsInView(log: HTMLElement): HTMLElement[] {
  const view = log.getBoundingClientRect();
  return [...log.querySelectorAll(".lines:not([data-waiting])")].flatMap((block) => {
    const { top, bottom } = block.getBoundingClientRect();
    if (bottom < view.top || top > view.bottom) return [];
    return [...block.querySelectorAll<HTMLElement>(".line:not([hidden]) > .line-text")];
  });
}
