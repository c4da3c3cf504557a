/** Pieces that the time of silence is cut into. */
const STEPS = 6;

/** After so many of them a connection asks for a sign of life. */
const ASKS_AFTER = 4;

/** After so many of them without a first word it is given up: what does not get through a proxy says nothing at all. */
const OPENS_WITHIN = 2;

/** Notices that a connection is silent, as it is when its other end vanished. */
export class Watchdog {
  #quiet = 0;
  #patience = OPENS_WITHIN;
  readonly #timer: ReturnType<typeof setInterval>;

  /** `silence` in milliseconds: `dead` is called a sixth later at the latest; before that, `ask` may make the other end say something. */
  constructor(silence: number, dead: () => void, ask: () => void = () => {}) {
    this.#timer = setInterval(() => {
      this.#quiet++;
      if (this.#quiet > this.#patience) dead();
      else if (this.#quiet === ASKS_AFTER) ask();
    }, silence / STEPS);
  }

  /** Something came. */
  heard(): void {
    this.#quiet = 0;
    this.#patience = STEPS;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
