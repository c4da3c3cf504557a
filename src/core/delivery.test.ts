import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BEHAVIOURS, DeliveryModel, steps } from "../../test-support/delivery-model.ts";

/** Runs per broker. Set the variable to search for longer. */
const RUNS = Number(process.env["DELIVERY_RUNS"] ?? 150);

const TIMEOUT = 60_000;

describe("every reader gets each message once, in order, or a gap", () => {
  for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
    const property = fc.asyncProperty(steps, async (all) => {
      const model = new DeliveryModel(behaviour);
      for (const step of all) await model.take(step);
      await model.settle();
      model.check();
      model.close();
    });
    test(`from ${name}`, () => fc.assert(property, { numRuns: RUNS }), TIMEOUT);
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

  test("lets readers become live under load while others are paused and the tail is short", async () => {
    const model = new DeliveryModel({ faults: { staleAnswers: true } });
    const { remote } = model;
    if (remote === undefined) throw new Error("not remote");
    const paused = Array.from({ length: 5 }, () => model.join("foo", "live"));
    const roundTrip = async () => {
      for (let i = 0; i < 100; i++) model.publish("foo");
      remote.deliver(100);
      model.turns.end();
      while (remote.answers.length > 0) await remote.answer();
      model.turns.end();
      // Trims the tail.
      model.hub.onTimer();
    };
    await roundTrip();
    for (const reader of paused) reader.room = false;
    for (let i = 0; i < 20; i++) await roundTrip();
    expect(paused.map(({ state }) => state)).toEqual(paused.map(() => "paused"));
    const joiners = [500, 1000, 1500].map((from) => model.join("foo", from));
    for (let i = 0; i < 3; i++) await roundTrip();
    expect(joiners.map(({ state }) => state)).toEqual(joiners.map(() => "live"));
    for (const reader of paused) reader.drain();
    for (let i = 0; i < 3; i++) await roundTrip();
    expect(paused.map(({ state }) => state)).toEqual(paused.map(() => "live"));
    await model.settle();
    model.check();
  });

  test("that cannot read history closes the reader, who can resume", async () => {
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

  test("that throws when it subscribes closes the reader", async () => {
    const model = new DeliveryModel({ faults: {} });
    const { remote } = model;
    if (remote === undefined) throw new Error("not remote");
    const subscribe = remote.subscribe.bind(remote);
    remote.subscribe = () => {
      throw new Error("not connected");
    };
    const reader = model.join("foo", "live");
    await remote.answer();
    expect(reader.closed).toBe(true);
    expect(model.hub.observers("foo")).toBe(0);
    remote.subscribe = subscribe;
    const later = model.join("foo", "live");
    await model.settle();
    expect(later.state).toBe("live");
  });

  test("that fails does not close a reader who has left", async () => {
    const model = new DeliveryModel({ faults: {}, fails: true });
    const [first, second] = [model.join("foo", "live"), model.join("foo", "earliest")];
    first.unsubscribe();
    await model.remote?.answer();
    second.unsubscribe();
    model.remote?.fail();
    for (let i = 0; i < 12; i++) await Promise.resolve();
    expect([first.closed, second.closed]).toEqual([false, false]);
  });

  test("announces the number of listeners to a reader who joins, itself included", async () => {
    const model = new DeliveryModel({ faults: {} });
    const reader = model.join("foo", "live");
    await model.settle();
    expect(reader.events("connect")).toMatchObject([{ Observers: 1 }]);
  });

  test("lets a first reader join under load with one replay", async () => {
    const model = new DeliveryModel({ faults: { staleAnswers: true } });
    const { remote } = model;
    if (remote === undefined) throw new Error("not remote");
    const reader = model.join("foo", "live");
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 100; i++) model.publish("foo");
      remote.deliver(100);
      await remote.answer();
      model.turns.end();
    }
    expect(reader.state).toBe("live");
    expect(remote.answers.length).toBe(0);
    await model.settle();
    model.check();
  });
});

test("a long poll is answered with a gap if its message is lost and the stream expires", async () => {
  const model = new DeliveryModel(BEHAVIOURS["a broker that reveals a loss late"]);
  model.poll("foo");
  await model.remote?.answer();
  await model.remote?.answer();
  model.turns.end();
  model.remote?.deafen();
  model.publish("foo");
  await model.take({ kind: "expire" });
  await model.settle();
  model.check();
  model.close();
});
