import { useEffect, useState } from "preact/hooks";

/** How many blocks are drawn at first, more than a window shows; and how many are added at a time. */
const FIRST = 3;
const STEP = 1;

/** How many of the last blocks are drawn: all of them after a while, a few in each frame, so that none takes long. */
export function useDrawnBlocks(count: number): number {
  const [drawn, setDrawn] = useState(FIRST);
  const isDone = drawn >= count;
  useEffect(() => {
    if (isDone) return;
    const frame = requestAnimationFrame(() => setDrawn((before) => before + STEP));
    return () => cancelAnimationFrame(frame);
  }, [drawn, isDone]);
  return drawn;
}
