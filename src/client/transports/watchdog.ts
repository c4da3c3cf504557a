import { MaltenError } from "../error.ts";

/** Number of steps that the time limit is divided into. */
const STEPS = 6;

/** Silent steps after which the other end is pinged. */
const ASK_AFTER = 4;

/** Silent steps after which a connection that never received anything is closed: a proxy may buffer it. */
const OPEN_WITHIN = 2;

export interface Watchdog {
  /** Records that something was received. */
  heard(this: void): void;
  stop(this: void): void;
}

/**
 * Detects a connection that is silent for `silence` milliseconds because its other end has vanished: calls `dead` at most a sixth
 * later. Calls `ask` before that, which may ping the other end.
 */
export function watch(silence: number, dead: (error: MaltenError) => void, ask?: () => void): Watchdog {
  let quiet = 0;
  let limit = OPEN_WITHIN;
  const timer = setInterval(() => {
    if (++quiet > limit) dead(new MaltenError("unreachable", "Timed out"));
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
