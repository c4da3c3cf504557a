import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MaltenError } from "./error.ts";
import { EventQueue } from "./event-queue.ts";
import { SharedSubscription, type SubscriptionHost } from "./shared-subscription.ts";
import type { StreamEvent } from "./stream-event.ts";
import { Subscription, type ListenOptions } from "./subscription.ts";
import type { Connection, SubscribeOptions, WireItem } from "./transports/connection.ts";

const CAPACITY = 8192;

/** Messages that a server keeps. */
const KEPT = 1024;

const settled = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

function wireMessage(text: string, created: bigint): WireItem {
  return {
    Id: `id-${text}`,
    Text: text,
    Type: "message",
    Created: String(created),
    Stream: "foo",
    Metadata: null,
  };
}

/** Answers subscriptions as the protocol says, from a memory of its own. */
class Server {
  readonly name: string;
  private evictedUpTo = 0n;
  private readonly kept: { created: bigint; item: WireItem }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  publish(text: string, created: bigint): WireItem {
    const item = wireMessage(text, created);
    this.kept.push({ created, item });
    if (this.kept.length > KEPT) this.evictedUpTo = this.kept.shift()?.created ?? 0n;
    return item;
  }

  subscribe(cursor: string | undefined, now: bigint): { begin: bigint; items: WireItem[] } {
    if (cursor === undefined) return { begin: now, items: [] };
    const [digits = "0", server = this.name] = cursor.replace("earliest", "0").split("-");
    const begin = server === this.name ? BigInt(digits) : 0n;
    // Bare digits may be later than everything here.
    const isForeign = server !== this.name || begin > now;
    const after = isForeign ? 0n : begin;
    const items = this.kept.filter(({ created }) => created > after).map(({ item }) => item);
    const to = this.kept[0]?.created ?? now + 1n;
    if (isForeign || (begin > 0n && begin < this.evictedUpTo))
      items.unshift({ Type: "event", Text: "gap", From: String(after), To: String(to) });
    return { begin, items };
  }
}

/** One listener and what its reader received. */
class Listener {
  readonly given: StreamEvent[] = [];
  readonly queue: EventQueue<StreamEvent>;
  readonly subscription: Subscription;
  /** The first message that it must receive, or get a gap for. */
  first: number | undefined;
  /** It receives everything kept; the server determines the first message. */
  readonly isEarliest: boolean;

  constructor(shared: SharedSubscription, options: ListenOptions) {
    this.isEarliest = options.since === "earliest";
    this.queue = new EventQueue<StreamEvent>(() => {
      if (this.queue.isOver) shared.delete(this.subscription);
      else shared.resume(this.subscription);
    }, undefined);
    this.subscription = new Subscription(this.queue, options, (event) => this.queue.push(event));
  }

  read(count: number): void {
    for (let i = 0; i < count; i++)
      void this.queue.next().then(({ value }) => value && this.given.push(value));
  }
}

/** A stream with several listeners, over connections that break, to servers that are replaced. */
class Model implements SubscriptionHost {
  readonly published: { created: bigint; server: string }[] = [];
  readonly listeners: Listener[] = [];
  readonly shared = new SharedSubscription("foo", {
    isOwn: () => this.isOwn,
  });
  open: SubscriptionHost["open"] = undefined;
  readonly silence = 30_000;
  readonly closed = () => this.cut();
  subscriptions = 0;
  isOwn: boolean | undefined = false;
  private now = 1_000_000_000n;
  private servers = 1;
  private server = new Server("s1");
  private isSubscribed = false;
  /** What is on its way to the client. */
  private wire: (() => void)[] = [];
  private readonly connection: Connection = {
    server: "",
    subscribe: (_stream: string, options: SubscribeOptions) => this.subscribe(options),
    unsubscribe: () => this.unsubscribe(),
    setPresence: () => {},
    canPublish: () => true,
    publish: () => {},
    close: () => {},
  };

  join(options: ListenOptions): Listener {
    const listener = new Listener(this.shared, options);
    this.listeners.push(listener);
    this.shared.add(listener.subscription);
    this.shared.attach(this);
    this.noteFirst(listener);
    return listener;
  }

  publish(count: number, arrives = true): void {
    for (let i = 0; i < count; i++) {
      this.now += 1000n;
      const item = this.server.publish(String(this.published.length), this.now);
      this.published.push({ created: this.now, server: this.server.name });
      if (arrives && this.isSubscribed) this.wire.push(() => void this.shared.received(item));
    }
    if (!arrives) this.cut();
  }

  connect(): void {
    if (this.open) return;
    this.open = { ...this.connection, server: this.server.name };
    this.shared.attach(this);
  }

  cut(): void {
    this.unsubscribe();
    this.open = undefined;
    this.shared.lost();
  }

  /** Another server takes over, whose clock may be behind. */
  restart(shift: bigint): void {
    this.cut();
    this.now += shift;
    this.server = new Server(`s${++this.servers}`);
  }

  arrive(count: number): void {
    for (let i = 0; i < count; i++) {
      this.wire.shift()?.();
      for (const listener of this.listeners) this.noteFirst(listener);
    }
  }

  arriveAll(): void {
    while (this.wire.length > 0) this.arrive(1);
  }

  /** The cursor of a message, counted from the newest. */
  cursor(back: number): string | undefined {
    const message = this.published.at(-1 - back);
    return message && `${message.created}-${message.server}`;
  }

  private noteFirst(listener: Listener): void {
    const { position } = listener.subscription;
    if (listener.isEarliest || listener.first !== undefined || position?.server === undefined) return;
    const after = this.published.findIndex(
      ({ created, server }) => server === position.server && created > position.created,
    );
    listener.first = after === -1 ? this.published.length : after;
  }

  private subscribe({ cursor }: SubscribeOptions): void {
    this.subscriptions++;
    const { begin, items } = this.server.subscribe(cursor, this.now);
    const Cursor = `${begin}-${this.server.name}`;
    const welcome: WireItem = {
      Type: "event",
      Text: "welcome",
      Created: String(this.now),
      Server: this.server.name,
      Cursor,
    };
    this.isSubscribed = true;
    this.wire = [
      () => void this.shared.received(welcome),
      ...items.map((item) => () => void this.shared.received(item)),
    ];
  }

  private unsubscribe(): void {
    this.isSubscribed = false;
    this.wire = [];
  }
}

const count = fc.constantFrom(1, 3, 50, 1100, 3000);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lose" as const), count }) },
  { weight: 1, arbitrary: fc.constant({ do: "cut" as const }) },
  { weight: 4, arbitrary: fc.constant({ do: "connect" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("restart" as const),
      shift: fc.constantFrom(0n, 1_000_000n, -1_000_000n),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("join" as const),
      since: fc.constantFrom("earliest", undefined, 0, 2, 1500),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      who: fc.nat(5),
      count: fc.constantFrom(1, 500, 5000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("arrive" as const), count: fc.constantFrom(1, 10, 5000) }),
  },
);

function carryOut(model: Model, one: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
  switch (one.do) {
    case "publish":
    case "lose":
      return model.publish(one.count, one.do === "publish");
    case "restart":
      return model.restart(one.shift);
    case "join":
      if (model.listeners.length < 5)
        model.join({ since: typeof one.since === "number" ? model.cursor(one.since) : one.since });
      return;
    case "read":
      return model.listeners[one.who]?.read(one.count);
    case "arrive":
      return model.arrive(one.count);
    case "cut":
    case "connect":
      return model[one.do]();
  }
}

/** In order, nothing twice, and each message that is missing is covered by a gap. Returns how many are missing. */
function check({ given, first }: Listener, published: Model["published"]): number {
  const begin = given.find(({ type }) => type === "message");
  let next = first ?? (begin?.type === "message" ? Number(begin.message.text) : 0);
  let missing: { from: bigint; to: bigint }[] = [];
  let lost = 0;
  for (const event of given) {
    if (event.type === "gap") missing.push({ from: BigInt(event.gap.from), to: BigInt(event.gap.to) });
    if (event.type !== "message") continue;
    const number = Number(event.message.text);
    expect(number).toBeGreaterThanOrEqual(next);
    for (; next < number; next++) {
      const created = published[next]?.created ?? 0n;
      expect(missing.some(({ from, to }) => from === 0n || (from < created && created < to))).toBe(true);
      lost++;
    }
    next = number + 1;
    missing = [];
  }
  expect(next).toBe(published.length);
  return lost;
}

describe("a shared subscription", () => {
  test("delivers to each listener the messages after its cursor, in order, once, with gaps for missing ones", async () => {
    let lost = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const model = new Model();
        model.connect();
        model.join({ since: "earliest" });
        for (const one of steps) carryOut(model, one);
        model.connect();
        model.arriveAll();
        // Reading may make the subscription begin again, until nothing is left behind.
        for (let round = 0; round < 5; round++) {
          for (const listener of model.listeners) listener.read(CAPACITY);
          await settled();
          model.arriveAll();
        }
        model.publish(1);
        model.arriveAll();
        await settled();
        for (const listener of model.listeners) lost += check(listener, model.published);
      }),
      { numRuns: 100 },
    );
    expect(lost).toBeGreaterThan(0);
  }, 60_000);

  test("serves 20 live listeners, and those that resume from the newest message, with one request", () => {
    const model = new Model();
    model.connect();
    for (let i = 0; i < 20; i++) model.join({});
    model.publish(3);
    model.arriveAll();
    for (let i = 0; i < 20; i++) model.join({ since: model.cursor(0) });
    expect(model.subscriptions).toBe(1);
  });

  test("begins again for a listener that needs older messages, without duplicates for the others", async () => {
    const model = new Model();
    model.connect();
    const live = model.join({});
    model.arriveAll();
    model.publish(3);
    model.arriveAll();
    const all = model.join({ since: "earliest" });
    model.arriveAll();
    const texts = async (listener: Listener) => {
      listener.read(10);
      await settled();
      return listener.given.map((event) => event.type === "message" && event.message.text);
    };
    expect(await texts(live)).toEqual(["0", "1", "2"]);
    expect(await texts(all)).toEqual(["0", "1", "2"]);
    expect(model.subscriptions).toBe(2);
  });

  test("delivers no older messages to a listener that joins live while they arrive", async () => {
    const model = new Model();
    model.connect();
    model.publish(5);
    model.join({ since: "earliest" });
    model.arrive(3);
    const live = model.join({});
    model.publish(1);
    model.arriveAll();
    live.read(10);
    await settled();
    expect(live.given.map((event) => event.type === "message" && event.message.text)).toEqual(["5"]);
  });

  test("delivers everything kept for bare digits that turn out to be another server's", async () => {
    const model = new Model();
    model.connect();
    model.publish(3);
    const listener = model.join({ since: "9".repeat(19) });
    model.arriveAll();
    listener.read(10);
    await settled();
    expect(
      listener.given.map((event) => (event.type === "message" ? event.message.text : event.type)),
    ).toEqual(["gap", "0", "1", "2"]);
  });

  test("holds back messages that may be its own until the answer arrives", async () => {
    const model = new Model();
    model.isOwn = undefined;
    model.connect();
    const listener = model.join({ echo: false });
    model.arriveAll();
    model.publish(2);
    model.arriveAll();
    listener.read(10);
    await settled();
    expect(listener.given).toEqual([]);
    model.isOwn = true;
    model.shared.release();
    model.isOwn = false;
    model.publish(1);
    model.arriveAll();
    await settled();
    expect(listener.given.map((event) => event.type === "message" && event.message.text)).toEqual(["2"]);
  });

  test("rejects a malformed message or event when it arrives, even behind one that is held back", () => {
    const model = new Model();
    model.isOwn = undefined;
    model.connect();
    model.join({});
    model.arriveAll();
    model.publish(1);
    model.arriveAll();
    for (const item of [
      { Type: "message", Text: "x" },
      { Type: "event", Text: "gap", From: "5" },
    ])
      expect(() => model.shared.received(item as WireItem)).toThrow("Not a Malten server");
  });
});

describe("a listener that does not read", () => {
  test("receives no more than its queue holds, and the rest when half of that is read", async () => {
    const model = new Model();
    model.connect();
    const slow = model.join({});
    const fast = model.join({});
    model.arriveAll();
    for (let i = 0; i < 9; i++) {
      model.publish(1000);
      model.arriveAll();
      fast.read(1000);
      await settled();
    }
    expect(fast.given).toHaveLength(9000);
    expect(slow.subscription.isPaused).toBe(true);
    expect(model.subscriptions).toBe(1);
    slow.read(CAPACITY / 2 - 1);
    expect(model.subscriptions).toBe(1);
    slow.read(1);
    expect(model.subscriptions).toBe(2);
    model.arriveAll();
    slow.read(9000);
    fast.read(1);
    await settled();
    expect(slow.given).toHaveLength(9000);
    expect(fast.given).toHaveLength(9000);
  });

  test("that ends with an error first receives the earlier items, then the error, once", async () => {
    const model = new Model();
    model.connect();
    const { queue } = model.join({});
    model.arriveAll();
    model.publish(1);
    model.arriveAll();
    model.shared.close(new MaltenError("bad_person", "no"));
    expect(await queue.next()).toMatchObject({ value: { type: "message" }, done: false });
    expect(queue.next()).rejects.toMatchObject({ code: "bad_person" });
    expect(await queue.next()).toEqual({ value: undefined, done: true });
  });
});

test("a rejected name ends the listener that set it, and no other", async () => {
  const model = new Model();
  model.connect();
  const other = model.join({});
  const named = model.join({ name: "x".repeat(33) });
  model.shared.refused(new MaltenError("bad_person", "no"));
  expect(named.queue.next()).rejects.toMatchObject({ code: "bad_person" });
  model.arriveAll();
  model.publish(1);
  model.arriveAll();
  expect(await other.queue.next()).toMatchObject({ value: { type: "message" } });
});
