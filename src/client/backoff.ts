/** The first wait is up to so many milliseconds, each further one up to twice as many. */
const LEAST = 250;

const MOST = 30_000;

/**
 * How long to wait before the next attempt, in milliseconds: exponential, with full jitter, so that those who lost a server do not
 * come back all at once. `least` is what the server asks for.
 */
export function backoff(failures: number, least = 0, random = Math.random()): number {
  return least + random * Math.min(MOST, LEAST * 2 ** failures);
}
