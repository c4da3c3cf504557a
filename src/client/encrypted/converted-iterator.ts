import { Sequence } from "./sequence.ts";

/** Iterates over what the items of another iterator turn into, one after the other, and only when asked. */
export class ConvertedIterator<S, T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: AsyncIterableIterator<S, undefined>;
  readonly #convert: (item: S) => Promise<readonly T[]>;
  readonly #ended: () => void;
  readonly #pulls = new Sequence();
  readonly #ready: T[] = [];
  #isOver = false;

  /** `ended` is called when the iteration is over. */
  constructor(
    source: AsyncIterableIterator<S, undefined>,
    convert: (item: S) => Promise<readonly T[]>,
    ended: () => void = () => {},
  ) {
    this.#source = source;
    this.#convert = convert;
    this.#ended = ended;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#pulls.run(() => this.#pull());
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    await this.#source.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(): Promise<IteratorResult<T, undefined>> {
    try {
      while (!this.#isOver) {
        const item = this.#ready.shift();
        if (item !== undefined) return { value: item, done: false };
        const { value, done } = await this.#source.next();
        if (done) break;
        this.#ready.push(...(await this.#convert(value)));
      }
      this.#end();
      return { value: undefined, done: true };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended();
  }
}
