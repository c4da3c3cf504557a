import { MaltenError } from "./error.ts";

/** Pieces that the time of silence is cut into. */
const STEPS = 6;

/** After so many of them a connection asks for a sign of life. */
const ASKS_AFTER = 4;

/** After so many of them without a first word it is given up: what does not get through a proxy says nothing at all. */
const OPENS_WITHIN = 2;

export interface Watchdog {
  /** Something came. */
  heard(this: void): void;
  stop(this: void): void;
}

/**
 * Notices that a connection is silent for so many milliseconds, as it is when its other end vanished: `dead` is told a
 * sixth later at the latest. Before that, `ask` may make the other end say something.
 */
export function watch(silence: number, dead: (error: MaltenError) => void, ask?: () => void): Watchdog {
  let quiet = 0;
  let patience = OPENS_WITHIN;
  const timer = setInterval(() => {
    if (++quiet > patience) dead(new MaltenError("unreachable", "Connection silent"));
    else if (quiet === ASKS_AFTER) ask?.();
  }, silence / STEPS);
  return {
    heard() {
      quiet = 0;
      patience = STEPS;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
