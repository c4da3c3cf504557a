import type { JSX } from "preact";

interface LifeProps {
  /** When the life began anew: the newest message, in milliseconds since 1970. */
  readonly since: number;
  /** Seconds that it lasts. */
  readonly ttl: number;
}

/** The last so many seconds are shown in another colour. */
const LATE = 60;

/** What remains of a stream's life, as a ring that drains by itself: the style sheet turns it, from the age that it has now. */
export function Life({ since, ttl }: LifeProps): JSX.Element {
  const age = Math.max(0, (Date.now() - since) / 1000);
  const style = { "--ttl": `${ttl}s`, "--age": `${-Math.min(age, ttl)}s` };
  return (
    <svg class="life" viewBox="0 0 20 20" aria-hidden="true" data-late={ttl - age < LATE}>
      <circle class="track" cx="10" cy="10" r="8" />
      {/* Another message begins another animation. */}
      <circle key={since} class="left" cx="10" cy="10" r="8" pathLength={100} style={style} />
    </svg>
  );
}
