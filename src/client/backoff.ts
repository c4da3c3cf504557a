/** The first wait is up to so many milliseconds, each further one up to twice as many. */
const LEAST = 250;

const MOST = 30_000;

/** A connection that lived for so many milliseconds was a good one: the next waits are short again. */
const GOOD = 5000;

/** How long to wait before the next attempt: exponential, with full jitter, so that those who lost a server do not come back all at once. */
export class Backoff {
  #failures = 0;
  #openedAt: number | undefined = undefined;

  /** Attempts since the last good connection. */
  get attempts(): number {
    return this.#failures;
  }

  /** A connection is in use; that it still is need not be said, but may. */
  opened(now: number): void {
    this.#openedAt ??= now;
  }

  /** The connection was of use: a server that answers is not one that drowns. */
  worked(): void {
    this.#failures = 0;
  }

  /** The wait in milliseconds after a connection broke or could not be opened; `least` is what the server asks for. */
  next(now: number, least = 0, random = Math.random()): number {
    if (this.#openedAt !== undefined && now - this.#openedAt >= GOOD) this.#failures = 0;
    this.#openedAt = undefined;
    const most = Math.min(MOST, LEAST * 2 ** this.#failures++);
    return least + random * most;
  }
}
