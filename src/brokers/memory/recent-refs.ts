import type { Cursor } from "../../protocol/cursor.ts";
import { Problem } from "../../protocol/problem.ts";

/** How long a Ref is remembered, in milliseconds: longer than anyone goes on trying to send. */
const REMEMBERED = 120_000;

/** How many Refs are remembered: measured, 20 MB of UUIDs, and 45 MB of the longest there are. */
const MAX_REFS = 65_536;

interface RecentRef {
  readonly key: string;
  readonly created: Cursor;
  readonly print: number;
  /** When it is forgotten, on the monotonic clock in milliseconds. */
  readonly until: number;
  newer: RecentRef | undefined;
}

/**
 * The messages that came last and carry a Ref: so one that comes again, because its sender did not hear that it had come,
 * is known. A linked list gives the oldest at no cost; looking for it in the Map takes 40 µs once many were deleted.
 */
export class RecentRefs {
  private readonly refs = new Map<string, RecentRef>();
  private oldest: RecentRef | undefined;
  private newest: RecentRef | undefined;

  /**
   * When the message of this Ref was created, where there is one. That holds after the message is evicted or its stream
   * has died: it was published, and is not again.
   * @throws Problem `ref_reused` where that was another text. Texts are told apart by 32 bits of hash, not kept.
   */
  find(stream: string, ref: string, text: string, now: number): Cursor | undefined {
    this.forget(now);
    const found = this.refs.get(keyOf(stream, ref));
    if (found !== undefined && found.print !== fingerprint(text)) throw new Problem("ref_reused");
    return found?.created;
  }

  remember(stream: string, ref: string, text: string, created: Cursor, now: number): void {
    const key = keyOf(stream, ref);
    const added = { key, created, print: fingerprint(text), until: now + REMEMBERED, newer: undefined };
    this.refs.set(key, added);
    if (this.newest === undefined) this.oldest = added;
    else this.newest.newer = added;
    this.newest = added;
    if (this.refs.size > MAX_REFS) this.forgetOldest();
  }

  /** Forgets what it is time to forget. */
  forget(now: number): void {
    while (this.oldest !== undefined && this.oldest.until <= now) this.forgetOldest();
  }

  private forgetOldest(): void {
    if (this.oldest === undefined) return;
    this.refs.delete(this.oldest.key);
    this.oldest = this.oldest.newer;
    if (this.oldest === undefined) this.newest = undefined;
  }
}

/** No stream's name has a slash. */
function keyOf(stream: string, ref: string): string {
  return `${stream}/${ref}`;
}

/** FNV-1a over UTF-16 code units (RFC 9923). */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
