import type { Cursor } from "../../protocol/cursor.ts";

/** Deleted streams that are remembered: 5 MB. */
const MAX_STREAMS = 65_536;

/**
 * Remembers up to which message a deleted stream had been written, so that a reader who resumes learns whether it missed
 * anything. Of the name only a 53-bit hash is kept: enough to recognise it, too little to recover it. Two names with the same
 * hash may cause a gap where nothing is missing.
 */
export class DeletedStreams {
  /** By hash of the name, in order of deletion. */
  private readonly newest = new Map<number, Cursor>();
  /** Streams deleted up to here are forgotten. */
  private forgotten: Cursor;

  /** `start`: nothing is known of streams before. */
  constructor(start: Cursor) {
    this.forgotten = start;
  }

  /** Records that a stream was deleted whose newest message was `newest`. */
  add(name: string, newest: Cursor): void {
    const hash = hashOf(name);
    const before = this.newest.get(hash) ?? 0;
    this.newest.delete(hash);
    this.newest.set(hash, Math.max(before, newest));
    if (this.newest.size <= MAX_STREAMS) return;
    const [oldest = [0, 0]] = this.newest;
    this.newest.delete(oldest[0]);
    this.forgotten = Math.max(this.forgotten, oldest[1]);
  }

  /** Returns the cursor up to which messages of an earlier stream of this name may have been deleted. */
  deletedUpTo(name: string): Cursor {
    return this.newest.get(hashOf(name)) ?? this.forgotten;
  }
}

/** Two 32-bit FNV-1a hashes (RFC 9923) with different offsets, cut to the 53 bits of a safe integer. */
function hashOf(name: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x01000193) ^ (low >>> 15);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
