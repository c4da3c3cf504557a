import { useEffect, useState } from "preact/hooks";
import { unitOf } from "../language/language.ts";
import { secondsUntil } from "./use-now.ts";

const SECOND = 1000;

/** The longest delay of a timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/** Whole seconds until `deadline`, in milliseconds since 1970. Updated when the duration that is shown of them changes, and not before. */
export function useSecondsLeft(deadline: number): number;
export function useSecondsLeft(deadline: number | undefined): number | undefined;
export function useSecondsLeft(deadline: number | undefined): number | undefined {
  const [updates, setUpdates] = useState(0);
  const left = deadline === undefined ? undefined : secondsUntil(deadline, Date.now());
  useEffect(() => {
    if (deadline === undefined || left === undefined || left === 0) return;
    const unit = unitOf(left).seconds;
    const next = Math.floor(left / unit) * unit - 1;
    const delay = Math.min(deadline - next * SECOND - Date.now(), MAX_DELAY);
    const timer = setTimeout(() => setUpdates((count) => count + 1), delay);
    return () => clearTimeout(timer);
  }, [deadline, updates]);
  return left;
}
