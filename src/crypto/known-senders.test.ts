import { expect, test } from "bun:test";
import { KnownSenders } from "./known-senders.ts";

/** What the counter of a message says of a sender. */
function take(senders: KnownSenders, key: string, counter: number): string {
  const sender = senders.get(key) ?? senders.create(counter);
  const verdict = sender.counters.take(counter, []);
  senders.remember(key, sender);
  return verdict.kind === "next" ? `missing ${verdict.missing}` : verdict.kind;
}

test("the first message of a sender has counter 0 if everything was received", () => {
  const senders = new KnownSenders(true);
  expect(take(senders, "a", 3)).toBe("missing 3");
  senders.gap();
  expect(take(senders, "b", 3)).toBe("missing 0");
  expect(take(new KnownSenders(false), "a", 3)).toBe("missing 0");
});

test("the sender not heard of for the longest time is forgotten, and nothing of it is missing later", () => {
  const senders = new KnownSenders(true, 2);
  for (const key of ["a", "b"]) expect(take(senders, key, 0)).toBe("missing 0");
  expect(take(senders, "a", 1)).toBe("missing 0");
  expect(take(senders, "c", 0)).toBe("missing 0");
  expect(senders.get("a")).toBeDefined();
  expect(senders.get("b")).toBeUndefined();
  expect(take(senders, "b", 5)).toBe("missing 0");
});

test("what is missing before a message is remembered for each sender, within bounds", () => {
  const senders = new KnownSenders(true);
  for (let counter = 0; counter < 100; counter += 2) take(senders, "a", counter);
  expect(take(senders, "a", 97)).toBe("late");
  expect(take(senders, "a", 97)).toBe("replayed");
  // Forgotten: refused rather than accepted twice.
  expect(take(senders, "a", 1)).toBe("replayed");
});

test("backward, every message of a sender is accepted, however many others it gave up", () => {
  const senders = new KnownSenders(false);
  const newestFirst = Array.from({ length: 100 }, (_, i) => 2 * (100 - i));
  expect(newestFirst.map((counter) => take(senders, "a", counter))).toEqual([
    "missing 0",
    ...newestFirst.slice(1).map(() => "late"),
  ]);
  expect(newestFirst.map((counter) => take(senders, "a", counter))).toEqual(
    newestFirst.map(() => "replayed"),
  );
});
