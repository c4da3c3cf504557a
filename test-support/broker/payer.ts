import { describe, expect, test } from "bun:test";
import type { Payer } from "../../src/core/broker.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { checkText } from "../../src/protocol/text.ts";
import { codeOf, REF, type SetUp } from "./set-up.ts";

/** Tests when the client that pays for a stream is asked. */
export function describePayer(setUp: SetUp): void {
  describe("a payer", () => {
    test("is asked before a stream is created, not for other messages", async () => {
      const { broker, create, texts, list } = await setUp();
      const payer = new CountingPayer("192.0.2.1");
      await create({ name: "created", payer });
      await broker.publish("created", checkText("1"), undefined, payer);
      await broker.publish("published", checkText("1"), undefined, payer);
      await broker.publish("published", checkText("2"), undefined, payer);
      expect(payer.streams).toBe(2);
      payer.refuses = true;
      const attempts = [
        () => create({ name: "foo", payer }),
        () => broker.publish("foo", checkText("1"), undefined, payer),
      ];
      for (const attempt of attempts) expect(await codeOf(attempt)).toBe("memory_full");
      await broker.publish("published", checkText("3"), undefined, payer);
      expect(await texts("foo")).toEqual([]);
      expect(await texts("published")).toEqual(["1", "2", "3"]);
      expect(await list()).toEqual(["published", "created"]);
    });

    test("is not asked for a message that is sent again", async () => {
      const { broker, create } = await setUp();
      const payer = new CountingPayer("192.0.2.1");
      const { owner } = await create({ name: "foo" });
      const first = await broker.publish("foo", checkText("hello"), REF, payer);
      await broker.end("foo", owner);
      expect((await broker.publish("foo", checkText("hello"), REF, payer)).id).toBe(first.id);
      expect(payer.streams).toBe(0);
    });
  });
}

/** Counts the streams it is asked for, or refuses them. */
class CountingPayer implements Payer {
  streams = 0;
  refuses = false;

  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  admitStream(): void {
    if (this.refuses) throw new Problem("memory_full");
    this.streams++;
  }
}
