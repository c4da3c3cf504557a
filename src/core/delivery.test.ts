import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BEHAVIOURS, DeliveryModel, steps } from "../../test-support/delivery-model.ts";

describe("every reader gets each message once, in order, or a gap", () => {
  for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
    test(`from ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const model = new DeliveryModel(behaviour);
          for (const step of all) await model.take(step);
          await model.settle();
          model.check();
        }),
        { numRuns: 150 },
      );
    });
  }
});

describe("a remote broker", () => {
  for (const [name, faults] of Object.entries({ lags: { staleAnswers: true }, leads: {} })) {
    test(`that ${name} lets a reader become live while 100 messages are published per round trip`, async () => {
      const model = new DeliveryModel({ faults });
      const { remote } = model;
      if (remote === undefined) throw new Error("not remote");
      const first = model.join("foo", "live");
      await remote.answer();
      const roundTrip = async () => {
        for (let i = 0; i < 100; i++) model.publish("foo");
        remote.deliver(100);
        model.turns.end();
        await remote.answer();
        model.turns.end();
      };
      for (let i = 0; i < 20; i++) await roundTrip();
      const joiner = model.join("foo", 1000);
      let rounds = 0;
      for (; joiner.state !== "live" && rounds < 50; rounds++) await roundTrip();
      expect(joiner.state).toBe("live");
      expect(rounds).toBeLessThanOrEqual(2);
      expect(first.state).toBe("live");
      await model.settle();
      model.check();
    });
  }

  test("whose history cannot be read closes the reader, who can resume", async () => {
    const model = new DeliveryModel({ faults: {}, fails: true });
    for (let i = 0; i < 3; i++) model.publish("foo");
    const reader = model.join("foo", "earliest");
    await model.remote?.answer();
    model.remote?.fail();
    for (let i = 0; i < 12; i++) await Promise.resolve();
    expect(reader.closed).toBe(true);
    expect(reader.cursors).toEqual([]);
    await model.settle();
    model.join("foo", "earliest");
    await model.settle();
    model.check();
  });
});
