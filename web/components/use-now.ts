import { useEffect, useState } from "preact/hooks";

const SECOND = 1000;

/** Milliseconds since 1970, drawn again each second for as long as something counts down. */
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

/** Whole seconds until then, from `now`; never negative. */
export function secondsUntil(then: number, now: number): number {
  return Math.max(0, Math.ceil((then - now) / SECOND));
}
