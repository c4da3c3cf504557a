// The generic cell rate algorithm (ITU-T I.371, annex A): a token bucket whose only state is the time at which it is full again.
// Times are milliseconds of a monotonic clock.

/** A rate and a burst. */
export interface Rate {
  /** Milliseconds per unit; 0: unlimited. */
  readonly interval: number;
  /** Units that may be taken at once from a full bucket. */
  readonly burst: number;
}

/** Sums of intervals are rounded: a burst must not end one unit early because of that. In milliseconds. */
const TOLERANCE = 0.01;

/** Returns a rate of `perSecond` units with bursts of `burst` units; 0 per second: unlimited. */
export function rateOf(perSecond: number, burst: number): Rate {
  return { interval: perSecond === 0 ? 0 : 1000 / perSecond, burst };
}

/** Returns the state after taking `cost` units now, whether or not the rate allows it. The first state is 0. */
export function take(fullAt: number, now: number, cost: number, { interval }: Rate): number {
  return Math.max(fullAt, now) + cost * interval;
}

/**
 * Returns how long after `now` a state conforms to the rate, in milliseconds; 0 if it does now. For the state after taking
 * something, this is how long to wait before taking it.
 */
export function excess(fullAt: number, now: number, { interval, burst }: Rate): number {
  const wait = fullAt - now - burst * interval;
  return wait > TOLERANCE ? wait : 0;
}
