import type { Content } from "../../core/content.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { Problem } from "../../protocol/problem.ts";
import { HashRing } from "./hash-ring.ts";
import { hashName } from "./name-hash.ts";

/** How long a ref is remembered, in milliseconds: longer than clients retry. */
const REMEMBERED = 120_000;

/** Number of refs remembered: 6 MB, however long they are. */
const MAX_REFS = 65_536;

/** An offset of FNV-1a, for a hash that is independent of `hashName`. */
const REF_OFFSET = 0x050c5d1f;

/**
 * The refs of recent messages, which identify a message sent again because its sender did not receive the answer. Of streams, refs
 * and contents only hashes are kept: 85 bits of stream and ref together, so that two of them are never taken for the same by chance.
 */
export class RecentRefs {
  private readonly ring = new HashRing(MAX_REFS);
  /** By place in the ring: a second hash of stream and ref, and one of the content. */
  private readonly checks: number[] = [];
  private readonly contents: number[] = [];
  private readonly created: Cursor[] = [];
  /** When a ref is forgotten, on the monotonic clock in milliseconds. */
  private readonly until: number[] = [];

  /**
   * Returns when the message with this ref was created, if it is remembered, even if the message was evicted or its stream
   * deleted: it was published, and is not published again.
   * @throws Problem `ref_reused` if it was used with another content. Contents are compared by a 32-bit hash.
   */
  find(stream: string, ref: string, content: Content, now: number): Cursor | undefined {
    const key = keyOf(stream, ref);
    const place = this.ring.placeOf(hashName(key));
    if (place === undefined || (this.until[place] ?? 0) <= now) return undefined;
    if (this.checks[place] !== fnv(key, REF_OFFSET)) return undefined;
    if (this.contents[place] !== hashContent(content)) throw new Problem("ref_reused");
    return this.created[place];
  }

  remember(stream: string, ref: string, content: Content, created: Cursor, now: number): void {
    const key = keyOf(stream, ref);
    const place = this.ring.add(hashName(key));
    this.checks[place] = fnv(key, REF_OFFSET);
    this.contents[place] = hashContent(content);
    this.created[place] = created;
    this.until[place] = now + REMEMBERED;
  }
}

/** `/` is in no name of a stream. */
function keyOf(stream: string, ref: string): string {
  return `${stream}/${ref}`;
}

/** Of an envelope of 8,192 characters in 2 µs, where FNV-1a in JavaScript takes 12. */
function hashContent(content: Content): number {
  return Bun.hash.xxHash32(content) | 0;
}

/** FNV-1a over UTF-16 code units (RFC 9923). */
function fnv(text: string, offset: number): number {
  let hash = offset | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
