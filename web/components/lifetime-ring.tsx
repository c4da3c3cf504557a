import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

interface LifetimeRingProps {
  /** When the time-to-live last started over: the newest message, in milliseconds since 1970. */
  readonly since: number;
  /** The idle time-to-live, in seconds. */
  readonly ttl: number;
}

/** The last seconds, shown in another colour. */
const LATE = 60;

/** How much of a stream's idle time-to-live is left, as a draining ring. A CSS animation drains it, starting at its current age. */
export function LifetimeRing({ since, ttl }: LifetimeRingProps): JSX.Element {
  const age = Math.max(0, (Date.now() - since) / 1000);
  // Only once: the animation that runs already would begin at another age on top of the time that has passed.
  const style = useMemo(() => ({ "--ttl": `${ttl}s`, "--age": `${-Math.min(age, ttl)}s` }), [since, ttl]);
  return (
    <svg class="ring" viewBox="0 0 20 20" aria-hidden="true" data-late={ttl - age < LATE}>
      <circle class="track" cx="10" cy="10" r="8" />
      {/* A new message restarts the animation. */}
      <circle key={since} class="left" cx="10" cy="10" r="8" pathLength={100} style={style} />
    </svg>
  );
}
