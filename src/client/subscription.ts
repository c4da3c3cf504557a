import type { Listener, Wire } from "./connection.ts";
import { MaltenError } from "./error.ts";
import { readEvent, type Appearance, type StreamEvent } from "./event.ts";

/** Events that wait for whoever iterates. With more, the connection stops listening, and resumes when half of them are read. */
const ROOM = 8192;

/** A cursor that is from no server: it is answered with a gap from 0 and all that is kept. */
const FOREIGN = "9".repeat(20);

/** Whoever brings the events. */
export interface SubscriptionOwner {
  /** There is room again. */
  listenAgain(): void;
  /** Nobody listens any more. */
  left(): void;
}

/** How to listen. */
export interface ListenOptions extends Appearance {
  /** The cursor to begin after, or `earliest` for all that is kept; what comes from now on unless given. */
  readonly since?: string | undefined;
  /** Ends the listening, quietly: it is how one stops. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: MaltenError): void;
}

/** What comes from a stream for one iterator: in order, nothing doubled, and a gap told where anything is missing. */
export class Subscription<T> implements Listener, AsyncIterableIterator<T, undefined> {
  person: Appearance;
  #cursor: bigint | undefined;
  /** Whose cursor it is: each server has numbers of its own. Undefined is the caller's. */
  #server: string | undefined = undefined;
  readonly #queue: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #full = false;
  #over = false;
  #error: MaltenError | undefined = undefined;
  readonly #owner: SubscriptionOwner;
  readonly #signal: AbortSignal | undefined;
  readonly #pick: (event: StreamEvent) => T | undefined;

  /** `pick` makes of an event what is iterated over, if anything. */
  constructor(
    owner: SubscriptionOwner,
    { since, signal, name, status }: ListenOptions,
    pick: (event: StreamEvent) => T | undefined,
  ) {
    this.#owner = owner;
    if (since !== undefined) {
      const cursor = since === "earliest" ? "0" : since;
      if (!/^[0-9]+$/.test(cursor)) throw new MaltenError("bad_parameter", "Not a cursor");
      this.#cursor = BigInt(cursor);
    }
    this.person = { name, status };
    this.#pick = pick;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  resume(server: string): string | undefined {
    return this.#server === undefined || this.#server === server ? this.#cursor?.toString() : FOREIGN;
  }

  reached(cursor: string, server: string): void {
    const reached = BigInt(cursor);
    if (this.#cursor !== undefined && reached <= this.#cursor) return;
    this.#cursor = reached;
    this.#server = server;
  }

  take(wire: Wire): boolean {
    this.#full ||= this.#queue.length >= ROOM;
    if (this.#full || this.#over) return false;
    const event = readEvent(wire);
    if (event?.type === "message") {
      const created = BigInt(event.message.created);
      // Whatever is in between: nothing is given twice.
      if (this.#cursor !== undefined && created <= this.#cursor) return true;
      this.#moveTo(created, wire.Id);
    } else if (event?.type === "gap") {
      this.#moveTo(BigInt(event.gap.to) - 1n, wire.Id);
    }
    const item = event && this.#pick(event);
    if (item !== undefined) this.#give(item);
    return true;
  }

  /** No more will come: for this reason, if there is one. What waits is still given then; otherwise nobody wants it. */
  end(error?: MaltenError): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    if (!error) this.#queue.length = 0;
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const item = this.#queue.shift();
      if (item !== undefined) resolve({ value: item, done: false });
      else if (this.#over) this.#settle({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
      if (!this.#full || this.#queue.length > ROOM / 2) return;
      this.#full = false;
      if (!this.#over) this.#owner.listenAgain();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#over) {
      this.end();
      this.#owner.left();
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #abort = (): void => void this.return();

  #moveTo(cursor: bigint, id: string): void {
    this.#cursor = cursor;
    // The second part of an id tells its server.
    this.#server = id.split("-")[1];
  }

  #give(item: T): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#queue.push(item);
    else waiter.resolve({ value: item, done: false });
  }

  #settle(waiter: Waiter<T>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error) waiter.reject(error);
    else waiter.resolve({ value: undefined, done: true });
  }
}
