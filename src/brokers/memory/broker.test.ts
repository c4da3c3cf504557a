import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { describeBroker } from "../../../test-support/broker.suite.ts";
import type { BrokerOptions } from "../../../test-support/broker/set-up.ts";
import { AdversarialBroker, Autopilot } from "../../../test-support/adversarial-broker.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { BEHAVIOURS } from "../../../test-support/delivery-model.ts";
import { IdGenerator } from "../../core/id-generator.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { MAX_MESSAGES } from "../../protocol/limits.ts";
import { checkText } from "../../protocol/text.ts";
import { MemoryBroker } from "./broker.ts";

function make(options: BrokerOptions) {
  const clock = new ManualClock();
  return { broker: new MemoryBroker(options, new IdGenerator(clock, "test"), clock), clock };
}

for (const [name, { faults, ...behaviour }] of Object.entries(BEHAVIOURS)) {
  describeBroker(name, (options) => {
    const { broker, clock } = make(options);
    if (faults === undefined) return { broker, clock };
    const remote = new AdversarialBroker(broker, faults);
    const autopilot = new Autopilot(remote, behaviour);
    return { broker: remote, clock, settle: () => autopilot.settle() };
  });
}

test("publish, replay and page are synchronous", () => {
  const { broker } = make({ ttl: 10, maxMemory: 1024 ** 2 });
  expect(broker.publish("foo", checkText("hello"))).not.toBeInstanceOf(Promise);
  expect(broker.replay("foo", 0, 10)).not.toBeInstanceOf(Promise);
  expect(broker.page("foo", { kind: "newest", order: "oldest first", limit: 1 }).messages).toHaveLength(1);
});

test("works without a listener", async () => {
  const { broker, clock } = make({ ttl: 10, maxMemory: 1024 ** 2 });
  broker.publish("foo", checkText("hello"));
  clock.advance(11_000);
  broker.onTimer();
  expect(await broker.list(10, "")).toEqual([]);
});

test("expires streams in steps of a thousand; none of them is found or listed meanwhile", async () => {
  const { broker, clock } = make({ ttl: 1024, maxMemory: 1024 ** 3 });
  const ended = new Set<string>();
  broker.listen({
    published() {},
    resumed() {},
    created() {},
    expiring() {},
    ended: (stream) => ended.add(stream),
  });
  const streams = 20_000;
  for (let i = 0; i < streams; i++) broker.publish(`s${i}`, checkText("x"));
  // A laptop that slept for a week.
  clock.advance(7 * 86_400 * 1000);
  expect(await broker.list(10, "")).toEqual([]);
  expect(broker.page("s7", { kind: "newest", order: "oldest first", limit: 1 }).messages).toEqual([]);
  expect([...ended]).toEqual(["s7"]);
  broker.publish("alive", checkText("x"));
  let before = ended.size;
  while (broker.onTimer()) {
    expect(ended.size - before).toBeLessThanOrEqual(1000);
    before = ended.size;
    const listed = await broker.list(10, "");
    expect(listed.map(({ name }) => name)).toEqual(["alive"]);
  }
  expect(ended.size).toBe(streams);
});

test("does not find ids of another server", () => {
  const clock = new ManualClock();
  const options = { ttl: 10, maxMemory: 1024 ** 2 };
  const here = new MemoryBroker(options, new IdGenerator(clock, "here"), clock);
  const there = new MemoryBroker(options, new IdGenerator(clock, "there"), clock);
  const message = here.publish("foo", checkText("hello"));
  const other = there.publish("foo", checkText("hello"));
  expect(message.created).toBe(other.created);
  expect(here.page("foo", { kind: "one", id: message.id }).messages).toHaveLength(1);
  expect(here.page("foo", { kind: "one", id: other.id }).messages).toEqual([]);
});

test("reports a gap exactly when messages after the cursor are missing", async () => {
  const names = ["foo", "bar"] as const;
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("publish" as const),
      stream: fc.nat(1),
      count: fc.constantFrom(1, 3, 600),
    }),
    fc.record({
      kind: fc.constantFrom("create" as const, "end" as const, "position" as const),
      stream: fc.nat(1),
    }),
    fc.record({ kind: fc.constant("pass" as const), time: fc.nat(12_000) }),
    fc.record({ kind: fc.constant("clock" as const), jump: fc.integer({ min: -1e9, max: 1e9 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { broker, clock } = make({ ttl: 10, maxMemory: 1024 ** 3 });
      const published = { foo: [] as Cursor[], bar: [] as Cursor[] };
      const owners = { foo: "", bar: "" };
      const positions = [broker.subscribe("foo").cursor];
      for (const action of steps) {
        const name = "stream" in action ? (names[action.stream] ?? "foo") : "foo";
        switch (action.kind) {
          case "publish":
            for (let i = 0; i < action.count; i++)
              published[name].push(broker.publish(name, checkText("x")).created);
            break;
          case "create":
            await broker.create({ name, private: false, ttl: undefined }).then(
              ({ owner = "" }) => (owners[name] = owner),
              () => {},
            );
            break;
          case "end":
            await broker.end(name, owners[name]).catch(() => {});
            break;
          case "position":
            positions.push(broker.subscribe(name).cursor);
            break;
          case "pass":
            clock.advance(action.time);
            broker.onTimer();
            break;
          case "clock":
            clock.jumpWall(action.jump);
        }
        for (const stream of names) {
          for (const cursor of [...positions, ...published[stream].slice(0, 3)]) {
            const { gap, messages } = broker.replay(stream, cursor, MAX_MESSAGES);
            const kept = messages.map(({ created }) => created);
            const missing = published[stream].filter(
              (created) => created > cursor && !kept.includes(created),
            );
            expect(gap !== undefined).toBe(missing.length > 0);
            if (gap === undefined) continue;
            expect(gap.from).toBe(cursor);
            expect(Math.max(...missing)).toBeLessThan(gap.to);
            expect(kept.every((created) => created >= gap.to)).toBe(true);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});
