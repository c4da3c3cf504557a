/** A range of counters, both ends included. */
export interface CounterRange {
  readonly first: number;
  readonly last: number;
}

/** A set of counters, as ranges in ascending order. Bounded: the lowest range is forgotten when there are too many. */
export class CounterRanges {
  private ranges: CounterRange[] = [];
  private readonly most: number;

  constructor(most = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  add({ first, last }: CounterRange): void {
    if (first > last) return;
    const apart = this.ranges.filter((range) => range.last < first - 1 || range.first > last + 1);
    const touching = this.ranges.filter((range) => !apart.includes(range));
    const merged = {
      first: Math.min(first, ...touching.map((range) => range.first)),
      last: Math.max(last, ...touching.map((range) => range.last)),
    };
    this.ranges = [...apart, merged].sort((a, b) => a.first - b.first).slice(-this.most);
  }

  /** Removes counters. Returns those that were in the set. */
  remove({ first, last }: CounterRange): CounterRange[] {
    const removed: CounterRange[] = [];
    this.ranges = this.ranges
      .flatMap((range) => {
        const common = { first: Math.max(first, range.first), last: Math.min(last, range.last) };
        if (common.first > common.last) return [range];
        removed.push(common);
        return [
          { first: range.first, last: common.first - 1 },
          { first: common.last + 1, last: range.last },
        ].filter((rest) => rest.first <= rest.last);
      })
      .slice(-this.most);
    return removed;
  }

  /** Removes the lowest ranges, each no longer than `longest`, and returns them. */
  take(most: number, longest: number): CounterRange[] {
    const taken: CounterRange[] = [];
    for (let range = this.ranges[0]; range !== undefined && taken.length < most; range = this.ranges[0]) {
      const part = { first: range.first, last: Math.min(range.last, range.first + longest - 1) };
      this.remove(part);
      taken.push(part);
    }
    return taken;
  }
}

/** Counts the counters in ranges that do not overlap. */
export function countIn(ranges: readonly CounterRange[]): number {
  return ranges.reduce((count, { first, last }) => count + last - first + 1, 0);
}
