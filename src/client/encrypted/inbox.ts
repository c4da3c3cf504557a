/**
 * Items on their way to a reader, as a stream. `taken` is called for each that the reader takes, and `cancelled` when it wants no
 * more. Holds what is pushed, so the other end must stop when too few are taken.
 */
export class Inbox<T> {
  readonly stream: ReadableStream<T>;
  readonly #items: T[] = [];
  #isFinished = false;
  #error: Error | undefined;
  #changed = () => {};
  #reader: Reader<T> | undefined;

  constructor(taken: () => void, cancelled: (reason: unknown) => void) {
    this.stream = new ReadableStream<T>(
      {
        pull: async (controller) => {
          while (this.#items.length === 0 && !this.#isFinished)
            await new Promise<void>((resolve) => {
              this.#changed = resolve;
            });
          const item = this.#items.shift();
          if (item !== undefined) {
            controller.enqueue(item);
            taken();
          } else if (this.#error) throw this.#error;
          else controller.close();
        },
        cancel: (reason) => {
          this.finish();
          this.#items.length = 0;
          cancelled(reason);
        },
      },
      // Takes nothing that is not asked for.
      { highWaterMark: 0 },
    );
  }

  /** Iterates over the items, instead of {@link stream}. Leaves the rest to the next iteration. */
  async *iterate(): AsyncGenerator<T, undefined> {
    const reader = (this.#reader ??= this.stream.getReader());
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) return;
      yield value;
    }
  }

  /** Number of items that wait for the reader. */
  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    if (this.#isFinished) return;
    this.#items.push(item);
    this.#changed();
  }

  /** Nothing more comes. With an error, the reader gets that after the items. */
  finish(error?: Error): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#error = error;
    this.#changed();
  }
}

/** The part of a stream reader that is used here: the runtimes' types differ in the rest. */
interface Reader<T> {
  read(): Promise<{ readonly done: boolean; readonly value?: T | undefined }>;
}
