import { toBase64url, type Bytes } from "./bytes.ts";
import { renew } from "./bounded-map.ts";

/** Messages that are remembered: several times as many as a stream keeps. */
const MAX_SEEN = 4096;

/** Unknown messages, named by others, that are remembered. */
const MAX_UNKNOWN = 256;

/** The position of everything before the first message that was seen. */
export const BEFORE = -1;

/** What a message says it followed, compared with what was seen here. */
export interface Comparison {
  /** Whether its sender saw a message that was not delivered here, or saw them in another order. */
  readonly isSplit: boolean;
  /** The position of the message that its sender saw last, as far as known. */
  readonly position: number;
}

/** The messages that were seen, by the beginning of their hashes, to compare with what other people have seen. */
export class SeenMessages {
  /** Positions by hash, oldest first. */
  private readonly positions = new Map<string, number>();
  /** Hashes that others named and that were never seen here, oldest first; whether that was reported as a split. */
  private readonly unknown = new Map<string, boolean>();
  private next = 0;
  /** Messages before this position may be unknown here although others saw them. */
  private floor: number;

  /** `isComplete`: nothing was published before the first message that will be seen. */
  constructor(isComplete: boolean) {
    this.floor = isComplete ? BEFORE : 0;
  }

  /** Messages may be missing here. */
  gap(): void {
    this.floor = this.next;
  }

  /** Adds the next message. Returns whether another message named it before it arrived. */
  add(hash: Bytes): boolean {
    const key = toBase64url(hash);
    const forgotten = renew(this.positions, key, this.next++, MAX_SEEN);
    if (forgotten !== undefined) this.floor = Math.max(this.floor, forgotten + 1);
    return this.unknown.delete(key);
  }

  /**
   * Compares what the sender of a message says it saw last. `previous` is the position of what it named before: senders see a stream
   * in order, so they never go back, and what they see after something that was seen here is seen here as well.
   */
  compare(hash: Bytes, previous: number): Comparison {
    if (hash.every((byte) => byte === 0)) return { isSplit: false, position: previous };
    const key = toBase64url(hash);
    const position = this.positions.get(key);
    if (position !== undefined) return { isSplit: position < previous, position };
    const wasReported = this.unknown.get(key) ?? false;
    const isSplit = previous >= this.floor;
    renew(this.unknown, key, wasReported || isSplit, MAX_UNKNOWN);
    return { isSplit: isSplit && !wasReported, position: previous };
  }
}
