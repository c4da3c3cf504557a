import type { JSX } from "preact";
import { useDrain } from "./use-drain.ts";

interface LifetimeRingProps {
  /** When the time-to-live last started over: the newest message, in milliseconds since 1970. */
  readonly since: number;
  /** The idle time-to-live, in seconds. */
  readonly ttl: number;
}

/** How much of a stream's idle time-to-live is left, as a draining ring. A CSS animation drains it, starting at its current age. */
export function LifetimeRing({ since, ttl }: LifetimeRingProps): JSX.Element {
  const style = useDrain(since, ttl);
  return (
    <svg class="ring" viewBox="0 0 20 20" aria-hidden="true">
      <circle class="track" cx="10" cy="10" r="8" />
      <circle key={since} class="left" cx="10" cy="10" r="8" pathLength={100} style={style} />
    </svg>
  );
}
