import type { Cursor } from "../../protocol/cursor.ts";
import { hashName } from "./name-hash.ts";

/** Deleted streams that are remembered: 4 MB. */
const MAX_STREAMS = 65_536;

/**
 * Remembers up to which message a deleted stream had been written, so that a reader who resumes learns whether it missed
 * anything. Of the name only a hash is kept. Two names with the same hash may cause a gap where nothing is missing.
 */
export class DeletedStreams {
  /** A ring in order of deletion: finding the oldest entry of a Map takes 20 µs once many were deleted. */
  private readonly hashes = new Float64Array(MAX_STREAMS);
  private readonly cursors = new Float64Array(MAX_STREAMS);
  /** The index of a hash in the ring: that of its latest deletion. */
  private readonly places = new Map<number, number>();
  private next = 0;
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
    const place = this.next;
    this.forget(place);
    this.hashes[place] = hash;
    this.cursors[place] = cursor;
    this.places.set(hash, place);
    this.next = (place + 1) % MAX_STREAMS;
  }

  /** Returns the cursor up to which messages of an earlier stream of this name may have been deleted. */
  deletedUpTo(name: string): Cursor {
    return this.cursorOf(hashName(name)) ?? this.forgotten;
  }

  private cursorOf(hash: number): Cursor | undefined {
    const place = this.places.get(hash);
    return place === undefined ? undefined : this.cursors[place];
  }

  /** Forgets the entry at `place`, unless its stream was deleted again later. */
  private forget(place: number): void {
    const hash = this.hashes[place] ?? 0;
    if (this.places.get(hash) !== place) return;
    this.places.delete(hash);
    this.forgotten = Math.max(this.forgotten, this.cursors[place] ?? 0);
  }
}
