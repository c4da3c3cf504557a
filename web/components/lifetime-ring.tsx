import type { JSX } from "preact";
import { noticeOf } from "../state/lifetime.ts";
import { useDrain } from "./use-drain.ts";

interface LifetimeRingProps {
  /** When the time-to-live last started over: the newest message, in milliseconds since 1970. */
  readonly since: number;
  /** The idle time-to-live, in seconds. */
  readonly ttl: number;
}

/** How many parts of the ring can be told apart. */
const STEPS = 100;

/** How much of a stream's idle time-to-live is left, as a draining ring. */
export function LifetimeRing({ since, ttl }: LifetimeRingProps): JSX.Element {
  const left = useDrain(since, ttl, STEPS);
  return (
    <svg class="ring" viewBox="0 0 20 20" aria-hidden="true" data-late={left * ttl <= noticeOf(ttl)}>
      <circle class="track" cx="10" cy="10" r="8" />
      <circle class="left" cx="10" cy="10" r="8" pathLength={1} style={{ strokeDashoffset: 1 - left }} />
    </svg>
  );
}
