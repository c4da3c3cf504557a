import type { MaltenError } from "./error.ts";

/** Maximum number of unread items. Then reception pauses, and resumes when half of them are read. */
const CAPACITY = 8192;

/** Settles a call of `next`. */
type Reader<T> = (result: IteratorResult<T, undefined> | Promise<never>) => void;

/** The items received for a reader: a bounded queue and async iterator. */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = [];
  readonly #readers: Reader<T>[] = [];
  #isPaused = false;
  isOver = false;
  #error: MaltenError | undefined;
  readonly #changed: () => void;
  readonly #signal: AbortSignal | undefined;

  /** `changed` is called when it is over, and when it has room again after it was full. */
  constructor(changed: () => void, signal: AbortSignal | undefined) {
    this.#changed = changed;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  /** Whether the queue accepts another item. Once full, it accepts none until half of its items are read. */
  get isOpen(): boolean {
    this.#isPaused ||= this.#items.length >= CAPACITY;
    return !this.#isPaused && !this.isOver;
  }

  push(item: T): void {
    const reader = this.#readers.shift();
    if (reader) reader({ value: item, done: false });
    else this.#items.push(item);
  }

  /** Ends the queue. With an error, unread items are still delivered before it is thrown; otherwise they are dropped. */
  end(error?: MaltenError): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    if (!error) this.#items.length = 0;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) reader(this.#last());
    this.#changed();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      const item = this.#items.shift();
      if (item !== undefined) resolve({ value: item, done: false });
      else if (this.isOver) resolve(this.#last());
      else this.#readers.push(resolve);
      if (!this.#isPaused || this.#items.length > CAPACITY / 2) return;
      this.#isPaused = false;
      if (!this.isOver) this.#changed();
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

  /** Returns the error, once, or the end of the iteration. */
  #last(): Promise<never> | IteratorReturnResult<undefined> {
    const error = this.#error;
    this.#error = undefined;
    return error ? Promise.reject(error) : { value: undefined, done: true };
  }
}
