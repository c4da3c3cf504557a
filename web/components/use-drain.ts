import { useEffect, useState } from "preact/hooks";

const SECOND = 1000;

/** The longest delay of a timer, in milliseconds: a longer one would end at once. A wrong clock asks for it. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Returns the part that is left of a life that drains, from 1 to 0 in steps. By a timer for each step, not by an animation, which the
 * browser would compute for every frame: a hundred rings cost a third of a processor. All steps are on whole seconds, so that they are
 * drawn together.
 * @param since When it was full, in milliseconds since 1970.
 * @param ttl How long it lasts, in seconds.
 */
export function useDrain(since: number, ttl: number, steps: number): number {
  const [updates, setUpdates] = useState(0);
  const length = (ttl * SECOND) / steps;
  const step = Math.min(Math.max(0, Math.floor((Date.now() - since) / length)), steps);
  useEffect(() => {
    if (step === steps) return;
    const next = Math.ceil((since + (step + 1) * length) / SECOND) * SECOND;
    const timer = setTimeout(() => setUpdates((count) => count + 1), Math.min(next - Date.now(), MAX_DELAY));
    return () => clearTimeout(timer);
  }, [since, step, steps, length, updates]);
  return 1 - step / steps;
}
