/** Pieces that the time of silence is cut into: it is noticed at most one of them late. */
const STEPS = 6;

/** Notices that a connection is silent, as one does whose other end vanished. */
export class Watchdog {
  private quiet = 0;
  private readonly timer: ReturnType<typeof setInterval>;

  /** `silence` in milliseconds; at two thirds of it `ask` may make the other end say something. */
  constructor(silence: number, dead: () => void, ask: () => void = () => {}) {
    this.timer = setInterval(() => {
      this.quiet++;
      if (this.quiet === STEPS - 2) ask();
      if (this.quiet > STEPS) dead();
    }, silence / STEPS);
  }

  /** Something came. */
  heard(): void {
    this.quiet = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
