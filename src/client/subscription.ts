import type { WireEvent, WireMessage } from "../protocol/message.ts";
import type { Listener } from "./connection.ts";
import type { MaltenError } from "./error.ts";
import { readEvent, type Person, type StreamEvent } from "./event.ts";

/** Events that wait for whoever iterates. With more, the connection stops listening, and resumes when half of them are read. */
const ROOM = 2048;

/** A cursor that is from no server: it is answered with a gap from 0 and all that is kept. */
const FOREIGN = "9".repeat(20);

/** Whoever brings the events. */
export interface SubscriptionOwner {
  /** There is room again. */
  drained(subscription: Subscription): void;
  /** Nobody listens any more. */
  left(subscription: Subscription): void;
}

interface Waiter {
  resolve(result: IteratorResult<StreamEvent, undefined>): void;
  reject(error: MaltenError): void;
}

/** The events of a stream for one iterator: in order, none doubled, with a gap told where any is missing. */
export class Subscription implements Listener, AsyncIterableIterator<StreamEvent, undefined> {
  person: Person | undefined;
  private cursor: bigint | undefined;
  /** Whose cursor it is: each server has numbers of its own. Undefined is the caller's. */
  private server: string | undefined = undefined;
  private readonly queue: StreamEvent[] = [];
  private readonly waiters: Waiter[] = [];
  private full = false;
  private over = false;
  private error: MaltenError | undefined = undefined;
  private readonly owner: SubscriptionOwner;
  private readonly signal: AbortSignal | undefined;

  constructor(
    owner: SubscriptionOwner,
    since: string | undefined,
    person: Person | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.owner = owner;
    this.cursor = since === undefined ? undefined : BigInt(since === "earliest" ? 0 : since);
    this.person = person;
    this.signal = signal;
    signal?.addEventListener("abort", this.abort);
  }

  resume(server: string): string | undefined {
    return this.server === undefined || this.server === server ? this.cursor?.toString() : FOREIGN;
  }

  reached(cursor: string, server: string): void {
    const reached = BigInt(cursor);
    if (this.cursor !== undefined && reached <= this.cursor) return;
    this.cursor = reached;
    this.server = server;
  }

  take(wire: WireMessage | WireEvent): boolean {
    if (this.over) return false;
    this.full ||= this.queue.length >= ROOM;
    if (this.full) return false;
    const event = readEvent(wire);
    if (event === undefined) return true;
    if (event.type === "message") {
      const created = BigInt(event.message.created);
      // Whatever is in between: nothing is given twice.
      if (this.cursor !== undefined && created <= this.cursor) return true;
      this.moveTo(created, event.message.id);
    } else if (event.type === "gap") {
      this.moveTo(BigInt(event.gap.to) - 1n, wire.Id);
    }
    this.give(event);
    return true;
  }

  /** No more will come: for this reason, if there is one. What waits is still given then; otherwise nobody wants it. */
  end(error?: MaltenError): void {
    if (this.over) return;
    this.over = true;
    this.signal?.removeEventListener("abort", this.abort);
    if (error === undefined) this.queue.length = 0;
    else this.error = error;
    for (const waiter of this.waiters.splice(0)) this.settle(waiter);
  }

  next(): Promise<IteratorResult<StreamEvent, undefined>> {
    return new Promise((resolve, reject) => {
      const event = this.queue.shift();
      if (event !== undefined) resolve({ value: event, done: false });
      else if (this.over) this.settle({ resolve, reject });
      else this.waiters.push({ resolve, reject });
      if (!this.full || this.queue.length > ROOM / 2) return;
      this.full = false;
      if (!this.over) this.owner.drained(this);
    });
  }

  return(): Promise<IteratorResult<StreamEvent, undefined>> {
    this.end();
    this.owner.left(this);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private readonly abort = (): void => void this.return();

  private moveTo(cursor: bigint, id: string): void {
    this.cursor = cursor;
    // The second part of an id tells its server.
    this.server = id.split("-", 2)[1];
  }

  private give(event: StreamEvent): void {
    const waiter = this.waiters.shift();
    if (waiter === undefined) this.queue.push(event);
    else waiter.resolve({ value: event, done: false });
  }

  private settle(waiter: Waiter): void {
    const { error } = this;
    this.error = undefined;
    if (error === undefined) waiter.resolve({ value: undefined, done: true });
    else waiter.reject(error);
  }
}
