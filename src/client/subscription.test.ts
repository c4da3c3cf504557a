import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../test-support/clock.ts";
import { MemoryBroker } from "../brokers/memory/broker.ts";
import type { Message as StoredMessage } from "../core/message.ts";
import { IdGenerator } from "../core/id-generator.ts";
import { formatNanoseconds } from "../protocol/cursor.ts";
import { readResume } from "../protocol/query.ts";
import { checkText } from "../protocol/text.ts";
import type { Wire } from "./connection.ts";
import type { StreamEvent } from "./event.ts";
import { MaltenError } from "./error.ts";
import { Subscription, type SubscriptionOwner } from "./subscription.ts";

/** A server of this name, with an empty memory, as its clock says. */
class Server {
  readonly name: string;
  readonly ids: IdGenerator;
  readonly broker: MemoryBroker;

  constructor(name: string, clock: ManualClock) {
    this.name = name;
    this.ids = new IdGenerator(clock, name);
    this.broker = new MemoryBroker({ ttl: 1024, maxMemory: 2 ** 30 }, this.ids, clock);
  }
}

/** A stream on a server that comes and goes, over a connection that breaks, read by somebody slow. */
class Model implements SubscriptionOwner {
  /** All that was ever published, in order. */
  readonly published: StoredMessage[] = [];
  readonly given: StreamEvent[] = [];
  readonly subscription = new Subscription<StreamEvent>(this, { since: "earliest" }, (event) => event);
  private readonly clock = new ManualClock();
  private servers = 1;
  private server = new Server("s1", this.clock);
  private connected = false;
  private listening = false;

  publish(count: number, arrives: boolean): void {
    for (let i = 0; i < count; i++) {
      this.clock.advance(1);
      const message = this.server.broker.publish("foo", checkText(String(this.published.length)));
      this.published.push(message);
      if (arrives && this.listening) this.take(JSON.parse(message.json) as Wire);
    }
    // What was under way is lost with its connection.
    if (!arrives) this.cut();
  }

  cut(): void {
    this.connected = false;
    this.listening = false;
  }

  /** A server with another memory, and perhaps another idea of the time. */
  restart(shift: number): void {
    this.cut();
    this.clock.jumpWall(shift);
    this.server = new Server(`s${++this.servers}`, this.clock);
  }

  resume(): void {
    this.connected = true;
    this.listenAgain();
  }

  /** As the server does: history from the cursor, then live. */
  listenAgain(): void {
    if (!this.connected) return;
    this.listening = true;
    let cursor = readResume(this.subscription.resume(this.server.name), this.server.name) ?? 0;
    const { name, broker, ids } = this.server;
    for (;;) {
      const { gap, messages } = broker.replay("foo", cursor, 32);
      if (gap !== undefined) {
        cursor = gap.to - 1;
        const [From, To] = [formatNanoseconds(gap.from), formatNanoseconds(gap.to)];
        this.take({ Type: "event", Text: "gap", Id: `0-${name}`, From, To });
      }
      for (const { json, created } of messages) {
        cursor = created;
        this.take(JSON.parse(json) as Wire);
      }
      if (!this.listening) return;
      if (messages.length === 32) continue;
      return this.subscription.reached(formatNanoseconds(ids.now()), name);
    }
  }

  left(): void {
    this.cut();
  }

  read(count: number): void {
    for (let i = 0; i < count; i++) {
      void this.subscription.next().then(({ value }) => value && this.given.push(value));
    }
  }

  private take(wire: Wire): void {
    if (this.listening) this.listening = this.subscription.take(wire);
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      count: fc.constantFrom(1, 3, 50, 1100, 3000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("lose" as const), count: fc.constantFrom(1, 3, 50, 1100) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "cut" as const }) },
  { weight: 4, arbitrary: fc.constant({ do: "resume" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("restart" as const),
      shift: fc.constantFrom(0, 1e6, -1e6, -1e12),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("read" as const), count: fc.constantFrom(1, 10, 500, 5000) }),
  },
);

describe("a subscription", () => {
  test("gives what was published in order, nothing twice, and covers what is missing by a gap", async () => {
    let gaps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const model = new Model();
        model.resume();
        for (const one of steps) {
          if (one.do === "publish") model.publish(one.count, true);
          else if (one.do === "lose") model.publish(one.count, false);
          else if (one.do === "restart") model.restart(one.shift);
          else if (one.do === "read") model.read(one.count);
          else model[one.do]();
        }
        model.resume();
        model.read(model.published.length + 1000);
        model.publish(1, true);
        await Promise.resolve();
        await new Promise((resolve) => {
          setImmediate(resolve);
        });

        let next = 0;
        let missing: { from: bigint; to: bigint }[] = [];
        for (const event of model.given) {
          if (event.type === "gap") missing.push({ from: BigInt(event.gap.from), to: BigInt(event.gap.to) });
          if (event.type !== "message") continue;
          const number = Number(event.message.text);
          expect(number).toBeGreaterThanOrEqual(next);
          for (; next < number; next++) {
            const moment = BigInt(model.published[next]?.created ?? 0) * 1000n;
            gaps++;
            expect(missing.some(({ from, to }) => from === 0n || (from < moment && moment < to))).toBe(true);
          }
          next = number + 1;
          missing = [];
        }
        expect(next).toBe(model.published.length);
      }),
      { numRuns: 150 },
    );
    expect(gaps).toBeGreaterThan(0);
  }, 60_000);

  const message = (created: string): Wire => ({
    Id: `${created}-s`,
    Text: "x",
    Type: "message",
    Created: created,
    Stream: "foo",
    Metadata: null,
  });
  const idle: SubscriptionOwner = { listenAgain: () => {}, left: () => {} };

  test("takes no more than it has room for, and asks for more when half of that is read", async () => {
    let asked = 0;
    const owner = { ...idle, listenAgain: () => void asked++ };
    const subscription = new Subscription(owner, {}, (event) => event);
    let taken = 0;
    while (subscription.take(message(`${++taken}000`)));
    expect(taken).toBe(8193);
    expect(subscription.resume("s")).toBe("8192000");
    for (let i = 0; i < 4095; i++) await subscription.next();
    expect(asked).toBe(0);
    expect(subscription.take(message("9000000"))).toBe(false);
    await subscription.next();
    expect(asked).toBe(1);
    expect(subscription.take(message("9000000"))).toBe(true);
  });

  test("resumes at another server with a cursor that is from nowhere", () => {
    const subscription = new Subscription(idle, { since: "5000" }, (event) => event);
    expect(subscription.resume("one")).toBe("5000");
    expect(subscription.resume("other")).toBe("5000");
    subscription.take(message("6000"));
    expect(subscription.resume("s")).toBe("6000");
    expect(subscription.resume("other")).toBe("9".repeat(20));
  });

  test("that ends for a reason gives first what came before, then the reason, once", async () => {
    const subscription = new Subscription(idle, {}, ({ type }) => type);
    subscription.take(message("1000"));
    subscription.end(new MaltenError("bad_person", "no"));
    expect(await subscription.next()).toEqual({ value: "message", done: false });
    expect(subscription.next()).rejects.toMatchObject({ code: "bad_person" });
    expect(await subscription.next()).toEqual({ value: undefined, done: true });
  });
});
