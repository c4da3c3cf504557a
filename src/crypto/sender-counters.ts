import { countIn, CounterRanges, type CounterRange } from "./counter-ranges.ts";

/** Ranges of missing counters that are remembered of a sender. A message of a range that was forgotten is refused when it comes late. */
const MAX_RANGES = 16;

/** What the counter of a message says. Without `replayed`, the message is the next one, or comes late. */
export type CounterVerdict =
  | { readonly kind: "replayed" }
  | { readonly kind: "late" }
  | {
      readonly kind: "next";
      /** Counters just before it that nobody has accounted for. */
      readonly missing: number;
      /** Counters reported as missing before, which the sender says it gave up. */
      readonly voided: number;
    };

/** The counters of one sender that were seen. */
export class SenderCounters {
  private next: number;
  /** Of the counters below this one, nothing is known: they may still come, as when a stream is read backward. */
  private lowest: number;
  /** Not seen and reported. */
  private readonly missing = new CounterRanges(MAX_RANGES);
  /** Not seen and not reported: passed over when an earlier message came first, or given up by the sender. They may still come. */
  private readonly unseen = new CounterRanges(MAX_RANGES);

  /** `next` is the counter that is expected; of those before it nothing is known. */
  constructor(next: number) {
    this.next = next;
    this.lowest = next;
  }

  /** Takes the counter of an authentic message, and the counters that its sender gave up. */
  take(counter: number, voided: readonly CounterRange[]): CounterVerdict {
    if (counter < this.lowest) {
      this.unseen.add({ first: counter + 1, last: this.lowest - 1 });
      this.lowest = counter;
      return { kind: "late" };
    }
    if (counter < this.next) {
      const one = { first: counter, last: counter };
      const isUnseen = [...this.missing.remove(one), ...this.unseen.remove(one)].length > 0;
      return { kind: isUnseen ? "late" : "replayed" };
    }
    const retracted = voided.flatMap((range) => this.missing.remove(range));
    const hole = new CounterRanges();
    hole.add({ first: this.next, last: counter - 1 });
    const givenUp = voided.flatMap((range) => hole.remove(range));
    for (const range of [...retracted, ...givenUp]) this.unseen.add(range);
    const missing = hole.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    for (const range of missing) this.missing.add(range);
    this.next = counter + 1;
    return { kind: "next", missing: countIn(missing), voided: countIn(retracted) };
  }
}
