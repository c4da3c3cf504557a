import type { Cursor } from "../protocol/cursor.ts";
import type { WirePerson } from "../protocol/presence.ts";
import type { Batch } from "./batch.ts";

/**
 * - `live`: it has all that was given out.
 * - `reading`: it is read to from history.
 * - `full`: it can take no more until it says so.
 */
export type SubscriberState = "away" | "live" | "reading" | "full";

/**
 * A live reader. It has a cursor and never a queue of its own: one that cannot keep up is left alone until it can, and is
 * then given from history what it missed, or told that it is gone.
 */
export abstract class Subscriber {
  state: SubscriberState = "away";
  /** While it is not live: it has all up to here. */
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

  /** Whether it can take something now. Asked before it is read to from history. */
  get hasRoom(): boolean {
    return true;
  }

  /** Ends the connection; the reader may come back and resume. */
  abstract close(): void;

  /** It can take no more until it calls {@link resume}, for reasons beside what it was given here. */
  fallBehind(): void {
    this.seat?.fallBehind(this);
  }

  /** It can take more again. */
  resume(): void {
    this.seat?.resume(this);
  }

  /** From now on it is seen as this person, or as nobody. */
  show(person?: WirePerson): void {
    this.seat?.show(this, person);
  }

  /** It listens no longer. */
  leave(): void {
    this.seat?.leave(this);
  }
}

/** A stream's side of a subscription. */
export interface Seat {
  fallBehind(subscriber: Subscriber): void;
  resume(subscriber: Subscriber): void;
  show(subscriber: Subscriber, person?: WirePerson): void;
  leave(subscriber: Subscriber): void;
}

/** Subscribers of one stream that are reached by one write (WebSocket topics). */
export interface SubscriberGroup {
  readonly size: number;
  /** Writes to all. Those who can take no more {@link Subscriber.fallBehind}. */
  write(batch: Batch): void;
}
