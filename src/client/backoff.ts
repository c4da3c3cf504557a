/** Maximum of the first delay, in milliseconds; it doubles with each further attempt. */
const INITIAL = 250;

const MAX = 30_000;

/** The longest delay that a server can request, in milliseconds: one that asks for a year is wrong or hostile. */
const MAX_REQUESTED = 300_000;

/**
 * Returns the delay before the next attempt, in milliseconds: exponential backoff with full jitter, so that clients that lost a
 * server do not all reconnect at the same time. `least` is the minimum delay requested by the server.
 */
export function backoff(failures: number, least = 0): number {
  return Math.min(least, MAX_REQUESTED) + Math.random() * Math.min(MAX, INITIAL * 2 ** failures);
}
