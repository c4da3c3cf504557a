import { expect, test } from "bun:test";
import { describeBroker, type BrokerOptions } from "../../../test-support/broker.suite.ts";
import { AdversarialBroker, Autopilot } from "../../../test-support/adversarial-broker.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { BEHAVIOURS } from "../../../test-support/delivery-model.ts";
import { IdGenerator } from "../../core/id-generator.ts";
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

test("publish, replay and page return without a promise", () => {
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

test("expires a hundred thousand streams in one call after a long sleep", async () => {
  const { broker, clock } = make({ ttl: 1024, maxMemory: 1024 ** 3 });
  for (let i = 0; i < 100_000; i++) broker.publish(`s${i}`, checkText("x"));
  // A laptop that slept for a week.
  clock.advance(7 * 86_400 * 1000);
  broker.onTimer();
  expect(await broker.list(10, "")).toEqual([]);
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
