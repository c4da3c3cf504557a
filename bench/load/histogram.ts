/** Buckets per power of two: values are kept with a precision of 1/128. */
const STEPS = 128;
const STEP_BITS = 7;
const POWERS = 40;

/** Percentiles of a histogram, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * A histogram with buckets that widen with the value, like Gil Tene's HdrHistogram: the same relative precision from a
 * microsecond to a day in a few kilobytes, at a constant cost per value.
 */
export class Histogram {
  private readonly counts = new Float64Array(STEPS * POWERS);
  private total = 0;
  private max = 0;

  /** @param microseconds negative values count as 0 */
  record(microseconds: number): void {
    const value = Math.max(0, Math.floor(microseconds));
    this.counts[bucket(value)] = (this.counts[bucket(value)] ?? 0) + 1;
    this.total++;
    if (value > this.max) this.max = value;
  }

  reset(): void {
    this.counts.fill(0);
    this.total = 0;
    this.max = 0;
  }

  /** The value at a quantile between 0 and 1, in microseconds; 0 if the histogram is empty. */
  quantile(quantile: number): number {
    const wanted = Math.max(1, Math.ceil(this.total * quantile));
    let count = 0;
    for (let index = 0; index < this.counts.length; index++) {
      count += this.counts[index] ?? 0;
      if (count >= wanted) return Math.min(bucketEnd(index), this.max);
    }
    return this.max;
  }

  percentiles(): Percentiles {
    const milliseconds = (quantile: number) => this.quantile(quantile) / 1000;
    return {
      p50: milliseconds(0.5),
      p90: milliseconds(0.9),
      p99: milliseconds(0.99),
      p999: milliseconds(0.999),
      max: this.max / 1000,
    };
  }
}

/** Values below 2·STEPS have a bucket each; each power of two above has STEPS buckets. */
function bucket(value: number): number {
  if (value < 2 * STEPS) return value;
  const power = Math.floor(Math.log2(value)) - STEP_BITS;
  return Math.min(power * STEPS + Math.floor(value / 2 ** power), STEPS * POWERS - 1);
}

/** The highest value in a bucket. */
function bucketEnd(index: number): number {
  if (index < 2 * STEPS) return index;
  const power = Math.floor(index / STEPS) - 1;
  return (index - power * STEPS + 1) * 2 ** power - 1;
}
