import type { MaltenError } from "./error.ts";

/** Items that wait to be read. With more, reception pauses, and resumes when half of them are read. */
const CAPACITY = 8192;

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: MaltenError): void;
}

/** Receives what happens to a queue. */
export interface EventQueueOwner {
  /** A queue that was full has room again. */
  hasRoom(): void;
  /** It is over, by the reader or by {@link EventQueue.end}. */
  ended(): void;
}

/** The reading end of listeners: a bounded queue that is an async iterator. */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = [];
  readonly #readers: Reader<T>[] = [];
  #isPaused = false;
  #isOver = false;
  #error: MaltenError | undefined;
  readonly #owner: EventQueueOwner;
  readonly #signal: AbortSignal | undefined;

  constructor(owner: EventQueueOwner, signal: AbortSignal | undefined) {
    this.#owner = owner;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it takes another item. Once full, it takes none until half of the items are read. */
  get isOpen(): boolean {
    this.#isPaused ||= this.#items.length >= CAPACITY;
    return !this.#isPaused && !this.#isOver;
  }

  push(item: T): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#items.push(item);
    else reader.resolve({ value: item, done: false });
  }

  /** No more items follow. With an error, what waits is still read before it is thrown; otherwise it is dropped. */
  end(error?: MaltenError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    if (!error) this.#items.length = 0;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) this.#settle(reader);
    this.#owner.ended();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const item = this.#items.shift();
      if (item !== undefined) resolve({ value: item, done: false });
      else if (this.#isOver) this.#settle({ resolve, reject });
      else this.#readers.push({ resolve, reject });
      if (!this.#isPaused || this.#items.length > CAPACITY / 2) return;
      this.#isPaused = false;
      if (!this.#isOver) this.#owner.hasRoom();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #abort = (): void => void this.return();

  #settle(reader: Reader<T>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error) reader.reject(error);
    else reader.resolve({ value: undefined, done: true });
  }
}
