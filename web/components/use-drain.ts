import { useMemo, useRef } from "preact/hooks";
import { noticeOf } from "../state/lifetime.ts";

/** Custom properties for the animations in life.css. */
type Drain = Readonly<Record<`--${string}`, string>>;

/**
 * Returns the style of what drains with a stream's life. Its element needs `since` as its key, so that a new message starts the animation over.
 * `since`: when the time-to-live last started over, in milliseconds since 1970; `ttl`: in seconds.
 */
export function useDrain(since: number, ttl: number): Drain {
  const before = useRef({ since, ttl });
  // Only once: the animation that runs already would begin at another age on top of the time that has passed.
  return useMemo(() => {
    const now = Date.now();
    const age = Math.min(Math.max(0, (now - since) / 1000), ttl);
    const left = 1 - (now - before.current.since) / 1000 / before.current.ttl;
    before.current = { since, ttl };
    return {
      "--ttl": `${ttl}s`,
      "--age": `${-age}s`,
      "--late": `${ttl - noticeOf(ttl) - age}s`,
      "--before": String(Math.min(Math.max(0, left), 1)),
    };
  }, [since, ttl]);
}
