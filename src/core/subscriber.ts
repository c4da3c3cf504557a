import type { Cursor } from "../protocol/cursor.ts";
import type { Batch } from "./batch.ts";

/**
 * A live reader. It has a cursor and never a queue of its own: one that cannot keep up is left alone until it can, and is
 * then given from history what it missed, or told that it is gone.
 */
export abstract class Subscriber {
  /** `live`: it has all that was given out. `catching up`: it has all up to `cursor`. */
  state: "away" | "catching up" | "live" = "away";
  cursor: Cursor = 0;
  /** Where it listens, while it does. */
  seat: Seat | undefined = undefined;

  /** Where the runtime reaches many with one write: the group that writes for this reader while it is live. */
  readonly group: SubscriberGroup | undefined = undefined;

  /** It is live: its group writes for it from now on. */
  enterGroup(): void {}

  leaveGroup(): void {}

  /** Writes the batch, whole. Answers false where it can take no more until it calls {@link resume}. */
  abstract write(batch: Batch): boolean;

  /** Ends the connection; the reader may come back and resume. */
  abstract close(): void;

  /** It can take more again. */
  resume(): void {
    this.seat?.resume(this);
  }

  /** It listens no longer. */
  leave(): void {
    this.seat?.leave(this);
  }
}

/** A stream's side of a subscription. */
export interface Seat {
  resume(subscriber: Subscriber): void;
  leave(subscriber: Subscriber): void;
}

/** Subscribers of one stream that are reached by one write (WebSocket topics). */
export interface SubscriberGroup {
  /** Writes to all. Answers those who can take no more until they {@link Subscriber.resume}. */
  write(batch: Batch): Iterable<Subscriber>;
}
