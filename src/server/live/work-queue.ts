import type { Clock } from "../../core/clock.ts";
import { Problem } from "../../protocol/problem.ts";

/** Time for expensive work in one turn of the event loop, in milliseconds. */
const BUDGET = 5;

/** Requests that may wait for their work. */
const MAX_WAITING = 1024;

/**
 * Expensive work, such as large pages of history, in bounded time per turn of the event loop. Other requests are answered in
 * between: a large page takes as long as a thousand of them.
 */
export class WorkQueue {
  private readonly waiting: (() => void)[] = [];
  /** Time spent on work in this turn, in milliseconds. */
  private spent = 0;
  /** When the current work began; undefined if there is none. */
  private began: number | undefined = undefined;
  private endIsScheduled = false;
  private readonly clock: Clock;
  private readonly atEndOfTurn: (callback: () => void) => void;

  /** @param atEndOfTurn calls back once everything that was read has been handled */
  constructor(clock: Clock, atEndOfTurn: (callback: () => void) => void = setImmediate) {
    this.clock = clock;
    this.atEndOfTurn = atEndOfTurn;
  }

  /** Answers a request, now if possible. @throws Problem `too_busy` if too many wait already */
  answer<T>(work: () => T | Promise<T>): T | Promise<T> {
    if (this.isFree) return this.perform(work);
    if (this.waiting.length >= MAX_WAITING)
      throw new Problem("too_busy", "Too many requests for large pages");
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.waiting.push(() => {
      try {
        resolve(work());
      } catch (error) {
        // Keeps what was thrown as it is.
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors
        reject(error);
      }
    });
    return promise;
  }

  /** Continues an answer, now if possible. `work` must not throw. */
  run(work: () => void): void {
    if (this.isFree) this.perform(work);
    else this.waiting.push(work);
  }

  private get isFree(): boolean {
    return this.waiting.length === 0 && this.time < BUDGET;
  }

  /** Time spent in this turn until now, in milliseconds. */
  private get time(): number {
    return this.spent + (this.began === undefined ? 0 : this.clock.monotonic() - this.began);
  }

  private perform<T>(work: () => T): T {
    // Nested in other work, whose time counts already.
    if (this.began !== undefined) return work();
    if (!this.endIsScheduled) {
      this.endIsScheduled = true;
      this.atEndOfTurn(() => this.endTurn());
    }
    this.began = this.clock.monotonic();
    try {
      return work();
    } finally {
      this.spent = this.time;
      this.began = undefined;
    }
  }

  private endTurn(): void {
    this.endIsScheduled = false;
    this.spent = 0;
    while (this.spent < BUDGET) {
      const work = this.waiting.shift();
      if (work === undefined) return;
      this.perform(work);
    }
  }
}
