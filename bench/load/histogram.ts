/** Steps within each power of two: a value is kept to within 1/128 of itself. */
const STEPS = 128;
const STEP_BITS = 7;
const POWERS = 40;

/** Percentiles that are told of a histogram, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * Counts of values in buckets that widen with the value, as in Gil Tene's HdrHistogram: the same relative precision from a
 * microsecond to a day in a few kilobytes, and recording costs the same whatever came before.
 */
export class Histogram {
  private readonly counts = new Float64Array(STEPS * POWERS);
  private total = 0;
  private greatest = 0;

  /** @param microseconds not negative */
  record(microseconds: number): void {
    const value = Math.max(0, Math.floor(microseconds));
    this.counts[bucket(value)] = (this.counts[bucket(value)] ?? 0) + 1;
    this.total++;
    if (value > this.greatest) this.greatest = value;
  }

  reset(): void {
    this.counts.fill(0);
    this.total = 0;
    this.greatest = 0;
  }

  /** The value, in microseconds, that `share` of all values are not above; 0 when there are none. */
  at(share: number): number {
    const wanted = Math.max(1, Math.ceil(this.total * share));
    let seen = 0;
    for (let index = 0; index < this.counts.length; index++) {
      seen += this.counts[index] ?? 0;
      if (seen >= wanted) return Math.min(highest(index), this.greatest);
    }
    return this.greatest;
  }

  percentiles(): Percentiles {
    const milliseconds = (share: number) => this.at(share) / 1000;
    return {
      p50: milliseconds(0.5),
      p90: milliseconds(0.9),
      p99: milliseconds(0.99),
      p999: milliseconds(0.999),
      max: this.greatest / 1000,
    };
  }
}

/** Values below 2·STEPS have a bucket each; above, each power of two has STEPS of them. */
function bucket(value: number): number {
  if (value < 2 * STEPS) return value;
  const power = Math.floor(Math.log2(value)) - STEP_BITS;
  return Math.min(power * STEPS + Math.floor(value / 2 ** power), STEPS * POWERS - 1);
}

/** The highest value of a bucket. */
function highest(index: number): number {
  if (index < 2 * STEPS) return index;
  const power = Math.floor(index / STEPS) - 1;
  return (index - power * STEPS + 1) * 2 ** power - 1;
}
