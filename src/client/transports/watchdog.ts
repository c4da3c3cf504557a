import { MaltenError } from "../error.ts";

/** Steps that the time of silence is divided into. */
const STEPS = 6;

/** After this many silent steps the other end is asked for a sign of life. */
const ASK_AFTER = 4;

/** After this many silent steps a connection that never said anything is given up: a proxy may hold it back. */
const OPEN_WITHIN = 2;

export interface Watchdog {
  /** Something was received. */
  heard(this: void): void;
  stop(this: void): void;
}

/**
 * Notices a connection that is silent for this many milliseconds, as it is when its other end vanished: calls `dead` at most a
 * sixth later. `ask` is called before that, and may make the other end say something.
 */
export function watch(silence: number, dead: (error: MaltenError) => void, ask?: () => void): Watchdog {
  let quiet = 0;
  let limit = OPEN_WITHIN;
  const timer = setInterval(() => {
    if (++quiet > limit) dead(new MaltenError("unreachable", "Connection silent"));
    else if (quiet === ASK_AFTER) ask?.();
  }, silence / STEPS);
  return {
    heard() {
      quiet = 0;
      limit = STEPS;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
