import { expect, test } from "bun:test";
import { ConvertedIterator } from "./converted-iterator.ts";

/** Yields numbers from 1 on; records when it is ended. */
class Numbers implements AsyncIterableIterator<number, undefined> {
  pulled = 0;
  isEnded = false;
  readonly #wait: Promise<void>;

  constructor(wait: Promise<void> = Promise.resolve()) {
    this.#wait = wait;
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    const number = ++this.pulled;
    await this.#wait;
    return this.isEnded ? { value: undefined, done: true } : { value: number, done: false };
  }

  return(): Promise<IteratorResult<number, undefined>> {
    this.isEnded = true;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

test("items are converted in order, although later ones are converted faster, and only when asked", async () => {
  const source = new Numbers();
  const slow = Promise.withResolvers<void>();
  const iterator = new ConvertedIterator(source, async (number) => {
    if (number === 1) await slow.promise;
    return [number, -number];
  });
  const asked = Promise.all(Array.from({ length: 5 }, () => iterator.next()));
  slow.resolve();
  expect((await asked).map(({ value }) => value)).toEqual([1, -1, 2, -2, 3]);
  expect(source.pulled).toBe(3);
});

test("items that turn into nothing are skipped", async () => {
  const iterator = new ConvertedIterator(new Numbers(), (number) =>
    Promise.resolve(number < 5 ? [] : [number]),
  );
  expect((await iterator.next()).value).toBe(5);
});

test("to end it ends the source, also while an item is waited for", async () => {
  const never = Promise.withResolvers<void>();
  const source = new Numbers(never.promise);
  let ended = 0;
  const iterator = new ConvertedIterator(
    source,
    (number) => Promise.resolve([number]),
    () => ended++,
  );
  const waiting = iterator.next();
  await iterator.return();
  never.resolve();
  expect((await waiting).done).toBe(true);
  expect((await iterator.next()).done).toBe(true);
  expect([source.isEnded, ended]).toEqual([true, 1]);
});

test("an item that cannot be converted ends the source", async () => {
  const source = new Numbers();
  const iterator = new ConvertedIterator(source, () => Promise.reject(new Error("broken")));
  expect(iterator.next()).rejects.toThrow("broken");
  expect((await iterator.next()).done).toBe(true);
  expect(source.isEnded).toBe(true);
});
