import type { Cursor } from "../../protocol/cursor.ts";
import { HashRing } from "./hash-ring.ts";
import { hashName } from "./name-hash.ts";

/** Deleted streams that are remembered: 5 MB, and 8 MB after many deletions. */
const MAX_STREAMS = 65_536;

/**
 * Remembers up to which message a deleted stream had been written, so that a reader who resumes learns whether it missed
 * anything. Of the name only a hash is kept. Two names with the same hash may cause a gap where nothing is missing.
 */
export class DeletedStreams {
  private readonly ring = new HashRing(MAX_STREAMS);
  /** By place in the ring. */
  private readonly cursors: Cursor[] = [];
  /** Streams deleted up to here have been forgotten. */
  private forgotten: Cursor;

  /** `start`: nothing is known of streams before. */
  constructor(start: Cursor) {
    this.forgotten = start;
  }

  /** Records that a stream was deleted whose newest message was `newest`. */
  add(name: string, newest: Cursor): void {
    const hash = hashName(name);
    const cursor = Math.max(this.cursorOf(hash) ?? 0, newest);
    const place = this.ring.add(hash, (old) => {
      this.forgotten = Math.max(this.forgotten, this.cursors[old] ?? 0);
    });
    this.cursors[place] = cursor;
  }

  /** Returns the cursor up to which messages of an earlier stream of this name may have been deleted. */
  deletedUpTo(name: string): Cursor {
    return this.cursorOf(hashName(name)) ?? this.forgotten;
  }

  private cursorOf(hash: number): Cursor | undefined {
    const place = this.ring.placeOf(hash);
    return place === undefined ? undefined : this.cursors[place];
  }
}
