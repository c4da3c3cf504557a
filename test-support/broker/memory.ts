import { describe, expect, test } from "bun:test";
import { checkText } from "../../src/protocol/text.ts";
import { codeOf, MEGABYTE, type SetUp } from "./set-up.ts";

/** Tests the memory limit. */
export function describeMemory(setUp: SetUp): void {
  describe("memory", () => {
    const long = "x".repeat(1000);

    test("when full, rejects messages and streams and loses nothing that is kept", async () => {
      const { broker, create, publish, page, list, heard, capabilities } = await setUp({
        maxMemory: MEGABYTE / 4,
      });
      let kept = 0;
      while ((await codeOf(() => publish(`s${kept % 3}`, `${kept} ${long}`))) === undefined) kept++;
      if (capabilities.memoryBudget) {
        expect(await codeOf(() => publish("s0", long))).toBe("memory_full");
        expect(await codeOf(() => publish("another", long))).toBe("memory_full");
      }
      let created = 0;
      while ((await codeOf(() => create({ name: `c${created}` }))) === undefined) created++;
      if (capabilities.memoryBudget)
        expect(await codeOf(() => create({ private: true }))).toBe("memory_full");

      // A quarter of a megabyte holds about 250 messages of a thousand bytes.
      expect(kept).toBeGreaterThan(capabilities.memoryBudget ? 150 : 0);
      expect(kept).toBeLessThan(262 * capabilities.shards);
      expect(await list()).toHaveLength(3 + created);
      const all = (await Promise.all(["s0", "s1", "s2"].map(async (s) => page(s, { limit: 1024 })))).flat();
      expect(all.map(({ text }) => Number.parseInt(text, 10)).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: kept }, (_, i) => i),
      );
      // Rejected messages were not reported.
      await heard.until(`published s${(kept - 1) % 3} ${kept - 1} ${long}`);
      expect(heard.messages).toHaveLength(kept);
      expect((await broker.replay("another", 0, 1)).messages).toEqual([]);
    });

    test("is freed each time streams expire or are ended", async () => {
      const { broker, create, publish, pass, heard, capabilities } = await setUp({
        maxMemory: MEGABYTE / 4,
        ttl: 10,
      });
      const lives: number[] = [];
      for (let life = 0; life < 6; life++) {
        const { owner } = await create({ name: "owned" });
        let kept = 0;
        while ((await codeOf(() => publish(kept % 2 === 0 ? "owned" : `s${kept}`, long))) === undefined)
          kept++;
        lives.push(kept);
        await broker.end("owned", owner);
        expect(await codeOf(() => publish("room", long))).toBeUndefined();
        pass(12);
        await heard.until("ended room idle");
        heard.forget();
      }
      if (capabilities.memoryBudget) expect(lives).toEqual(lives.map(() => lives[0] ?? 0));
      else expect(Math.min(...lives)).toBeGreaterThan(0);
    });

    test("is freed by eviction: a full stream takes any number of messages", async () => {
      const { publish, page } = await setUp({ maxMemory: 1.5 * MEGABYTE });
      const texts = [long, "é".repeat(500), "short", `"${"\\".repeat(400)}"`];
      // 10,000 messages: about six times what fits in memory.
      for (let i = 0; i < 10_000; i++) await publish("foo", texts[i % texts.length] ?? "");
      for (let i = 0; i < 4000; i++) await publish("bar", "x");
      expect(await page("foo", { limit: 1024 })).toHaveLength(1024);
    });

    test("is not used by rejected streams", async () => {
      const { broker, create, publish, pass, heard, list, capabilities } = await setUp({
        maxMemory: MEGABYTE / 8,
        ttl: 10,
      });
      // An engine has other uses for memory, which come and go.
      const refused = capabilities.memoryBudget ? ["memory_full"] : ["memory_full", undefined];
      await publish("foo", long);
      while ((await codeOf(() => create())) === undefined);
      for (let i = 0; i < 1000; i++) {
        expect(refused).toContain(await codeOf(() => create()));
        expect(refused).toContain(await codeOf(() => broker.publish(`p${i}`, checkText(long))));
      }
      pass(12);
      await heard.until("ended foo idle");
      expect(await list()).toEqual([]);
      expect(await codeOf(() => publish("foo", long))).toBeUndefined();
    });
  });
}
