import { useLayoutEffect, useEffect, useState } from "preact/hooks";

/** More blocks than a window shows. */
const FIRST = 3;

/**
 * Returns how many of `count` blocks, from the end, to work on: a few at first and `step` more in each frame, so that no frame takes long.
 * Begins again with another `reason`.
 */
export function useProgress(count: number, step: number, reason: unknown): number {
  const [done, setDone] = useState(FIRST);
  const [begunFor, setBegunFor] = useState(reason);
  const isNew = begunFor !== reason;
  const isDone = done >= count;

  useLayoutEffect(() => {
    if (!isNew) return;
    setBegunFor(reason);
    setDone(FIRST);
  }, [isNew, reason]);

  useEffect(() => {
    if (isDone || isNew) return;
    const frame = requestAnimationFrame(() => setDone((before) => before + step));
    return () => cancelAnimationFrame(frame);
  }, [done, isDone, isNew, step]);

  return isNew ? FIRST : done;
}
