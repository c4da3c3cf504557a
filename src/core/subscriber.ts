import type { Cursor } from "../protocol/cursor.ts";
import type { WirePerson } from "../protocol/presence.ts";
import type { Batch } from "./batch.ts";
import type { Transport } from "./counters.ts";

/**
 * - `detached`: not subscribed.
 * - `replaying`: reading history to catch up.
 * - `live`: has everything that was flushed.
 * - `paused`: cannot take more until it calls {@link Subscriber.resume}.
 */
export type SubscriberState = "detached" | "replaying" | "live" | "paused";

/**
 * A live reader. It has a cursor and no queue: a slow reader is skipped until it can take more, then replays what it missed from
 * history or gets a gap.
 */
export abstract class Subscriber {
  state: SubscriberState = "detached";
  /** While not live, the position up to which the reader has everything. */
  cursor: Cursor = 0;
  /** Undefined while detached. */
  subscription: Subscription | undefined = undefined;

  /** The group that writes to this reader while it is live, if the runtime can write to many sockets with one call. */
  readonly group: SubscriberGroup | undefined = undefined;

  /** Undefined for a reader that is not a live connection. */
  get transport(): Transport | undefined {
    return this.group?.transport;
  }

  /** Called when the reader goes live: from now on its group writes to it. */
  enterGroup(): void {}

  leaveGroup(): void {}

  /** Writes the first batch of a subscription, which contains its `welcome` event. Returns the same as {@link write}. */
  welcome(batch: Batch): boolean {
    return this.write(batch);
  }

  /** Writes the whole batch. Returns false if the reader can take no more until it calls {@link resume}. */
  abstract write(batch: Batch): boolean;

  /** Whether the reader can take more now. Checked before history is read. */
  get hasRoom(): boolean {
    return true;
  }

  /** Calls `replay`, now or later: history can be large, and others must not wait for it. */
  takeTurn(replay: () => void): void {
    replay();
  }

  /** Closes the connection; the client may reconnect and resume. */
  abstract close(): void;

  /** Called if the broker cannot serve the subscription, or a write threw. */
  failed(_error: unknown): void {
    this.close();
  }

  /** Stops delivery until {@link resume}, if the reader cannot return false from {@link write}. */
  pause(): void {
    this.subscription?.pause(this);
  }

  resume(): void {
    this.subscription?.resume(this);
  }

  /** Changes how the reader is shown in the presence list; undefined hides it. */
  setPerson(person?: WirePerson): void {
    this.subscription?.setPerson(this, person);
  }

  unsubscribe(): void {
    this.subscription?.unsubscribe(this);
  }
}

/** What a subscriber can call on the channel that it is subscribed to. */
export interface Subscription {
  pause(subscriber: Subscriber): void;
  resume(subscriber: Subscriber): void;
  setPerson(subscriber: Subscriber, person?: WirePerson): void;
  unsubscribe(subscriber: Subscriber): void;
}

/** Subscribers of one stream that one write reaches, such as a WebSocket topic. */
export interface SubscriberGroup {
  readonly size: number;
  readonly transport: Transport;
  /** Writes to all members. Members that can take no more call {@link Subscriber.pause}. */
  write(batch: Batch): void;
}
