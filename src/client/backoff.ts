/** The first delay is at most this long, in milliseconds; each further one at most twice as long. */
const INITIAL = 250;

const MAX = 30_000;

/**
 * How long to wait before the next attempt, in milliseconds: exponential backoff with full jitter, so that clients that lost a
 * server do not reconnect all at once. `least` is the delay that the server asks for.
 */
export function backoff(failures: number, least = 0): number {
  return least + Math.random() * Math.min(MAX, INITIAL * 2 ** failures);
}
