import { useEffect, useState } from "preact/hooks";

const SECOND = 1000;

/** The current time in milliseconds since 1970, updated every second while `counting`. */
export function useNow(counting: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!counting) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), SECOND);
    return () => clearInterval(timer);
  }, [counting]);
  return now;
}

/** Whole seconds from `now` until `then`; never negative. */
export function secondsUntil(then: number, now: number): number {
  return Math.max(0, Math.ceil((then - now) / SECOND));
}
