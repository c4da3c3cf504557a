/** Counts values in buckets. */
export class Histogram {
  /** Upper bounds of the buckets, inclusive, in increasing order. One more bucket has the values above. */
  readonly bounds: readonly number[];
  /** The number of values in each bucket. */
  readonly counts: number[];
  /** The sum of all values. */
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}
