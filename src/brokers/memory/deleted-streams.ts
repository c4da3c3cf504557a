import type { Cursor } from "../../protocol/cursor.ts";
import { hashName } from "./name-hash.ts";

/** Deleted streams that are remembered: 5 MB. */
const MAX_STREAMS = 65_536;

/**
 * Remembers up to which message a deleted stream had been written, so that a reader who resumes learns whether it missed
 * anything. Of the name only a hash is kept. Two names with the same hash may cause a gap where nothing is missing.
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
    const hash = hashName(name);
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
    return this.newest.get(hashName(name)) ?? this.forgotten;
  }
}
