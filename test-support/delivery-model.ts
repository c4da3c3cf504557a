// A hub with readers on a broker, correct or faulty, driven step by step, and what each reader must have received.
import { expect } from "bun:test";
import * as fc from "fast-check";
import { MemoryBroker } from "../src/brokers/memory/broker.ts";
import type { Broker, Gap } from "../src/core/broker.ts";
import { Hub } from "../src/core/hub.ts";
import { IdGenerator } from "../src/core/id-generator.ts";
import { LongPolls } from "../src/server/live/long-polls.ts";
import { TailBudget } from "../src/core/tail.ts";
import { EARLIEST, FOREIGN, parseCursorAfter, splitCursor, type Cursor } from "../src/protocol/cursor.ts";
import { checkText } from "../src/protocol/text.ts";
import { AdversarialBroker, type Faults } from "./adversarial-broker.ts";
import { ManualClock } from "./clock.ts";
import { Poller } from "./poller.ts";
import { GroupReader, Reader, ReaderGroup, Turns } from "./readers.ts";

const TTL = 60;
const STREAMS = ["foo", "bar"] as const;

/** A cursor later than any message. */
const FUTURE: Cursor = 5e15;

/** The broker of a {@link DeliveryModel}: the memory broker itself, or a remote one with faults. */
export interface BrokerBehaviour {
  readonly faults?: Faults;
  /** News is delivered only while no operation waits for its answer. */
  readonly newsLast?: boolean;
  /** The connection may fail. */
  readonly fails?: boolean;
  /** For the newest messages of all streams in this process, in bytes. */
  readonly tailMemory?: number;
}

/** The memory broker, and remote ones that misbehave within the contract of the port. */
export const BEHAVIOURS: Readonly<Record<string, BrokerBehaviour>> = {
  "the memory broker": {},
  "a broker whose news lags": { faults: { staleAnswers: true } },
  "a broker whose history leads": { faults: {}, newsLast: true },
  "a broker that repeats news": { faults: { repeatsNews: true } },
  "a broker that reorders streams": { faults: { reordersStreams: true } },
  "a broker that fails and recovers": { faults: {}, fails: true },
  "a broker that reveals a loss late": { faults: { staleAnswers: true, hidesPrevious: true }, fails: true },
  "a broker that subscribes late": { faults: { slowSubscriptions: true }, fails: true },
  "a broker without memory for tails": { faults: { staleAnswers: true }, fails: true, tailMemory: 0 },
};

/** Where a reader begins: `future` is a cursor later than the stream, a number chooses one of the published messages. */
type Start = "live" | "earliest" | "future" | "foreign" | number;

export type Step =
  | { readonly kind: "publish"; readonly stream: number; readonly count: number }
  | {
      readonly kind: "join";
      readonly stream: number;
      readonly group: boolean;
      readonly from: Start;
    }
  | { readonly kind: "fill" | "drain" | "leave" | "rejoin"; readonly reader: number }
  | { readonly kind: "create" | "end" | "poll"; readonly stream: number }
  | { readonly kind: "answer" | "news"; readonly number: number }
  | { readonly kind: "turn" | "second" | "expire" | "deafen" | "fail" | "recover" }
  | { readonly kind: "clock"; readonly jump: number };

const stream = fc.nat(1);

/** Sequences of steps in any order. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 7,
      arbitrary: fc.record({
        kind: fc.constant("publish" as const),
        stream,
        count: fc.integer({ min: 1, max: 90 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("publish" as const),
        stream,
        count: fc.constantFrom(900, 900, 900, 3000),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("join" as const),
        stream,
        group: fc.boolean(),
        from: fc.oneof(
          fc.constantFrom("live" as const, "earliest" as const, "future" as const, "foreign" as const),
          fc.nat(2000),
        ),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom("fill" as const, "drain" as const, "leave" as const, "rejoin" as const),
        reader: fc.nat(9),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("answer" as const), number: fc.nat(9) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("news" as const), number: fc.nat(120) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("second" as const, "expire" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("deafen" as const, "fail" as const, "recover" as const, "recover" as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("create" as const, "end" as const, "poll" as const),
        stream,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("clock" as const),
        jump: fc.integer({ min: -1e9, max: 1e9 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 80 },
);

/** A reader, and the cursor that it joined with. */
interface Joined {
  readonly reader: Reader;
  readonly stream: (typeof STREAMS)[number];
  /** Undefined: live. */
  readonly cursor: Cursor | undefined;
}

export class DeliveryModel {
  readonly clock = new ManualClock();
  readonly turns = new Turns();
  readonly hub: Hub;
  /** Undefined if the hub uses the memory broker directly. */
  readonly remote: AdversarialBroker | undefined;
  private readonly memory: MemoryBroker;
  private readonly behaviour: BrokerBehaviour;
  private readonly groups = { foo: new ReaderGroup(), bar: new ReaderGroup() };
  private readonly published = { foo: [] as Cursor[], bar: [] as Cursor[] };
  private readonly joined: Joined[] = [];
  private readonly owners = { foo: "", bar: "" };
  private readonly polls = new LongPolls();
  private readonly pollers: { readonly poller: Poller; readonly stream: (typeof STREAMS)[number] }[] = [];

  constructor(behaviour: BrokerBehaviour = {}) {
    const ids = new IdGenerator(this.clock, "test");
    this.behaviour = behaviour;
    this.memory = new MemoryBroker({ ttl: TTL, maxMemory: 1024 ** 3 }, ids, this.clock);
    this.remote = behaviour.faults && new AdversarialBroker(this.memory, behaviour.faults);
    const broker: Broker = this.remote ?? this.memory;
    const tails = new TailBudget(behaviour.tailMemory ?? 1024 ** 3);
    this.hub = new Hub(broker, ids, this.clock, this.turns.schedule, tails);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "publish":
        for (let i = 0; i < step.count; i++) this.publish(nameOf(step.stream));
        break;
      case "join":
        this.join(nameOf(step.stream), step.from, step.group);
        break;
      case "fill": {
        const reader = this.reader(step.reader);
        if (reader !== undefined) reader.room = false;
        break;
      }
      case "drain":
        // At any time: a socket drains for all its subscriptions.
        this.reader(step.reader)?.drain();
        break;
      case "leave":
        this.reader(step.reader)?.unsubscribe();
        break;
      case "rejoin":
        this.rejoin(this.joined[step.reader % (this.joined.length || 1)]);
        break;
      case "create":
        await this.create(nameOf(step.stream));
        break;
      case "end":
        await this.end(nameOf(step.stream));
        break;
      case "poll":
        this.poll(nameOf(step.stream));
        break;
      case "answer":
        await this.remote?.answer(step.number % Math.max(this.remote.answers.length, 1));
        break;
      case "news":
        if (this.behaviour.newsLast !== true || this.remote?.answers.length === 0)
          this.remote?.deliver(step.number);
        break;
      case "turn":
        this.turns.end();
        break;
      case "second":
        this.pass(1);
        break;
      case "expire":
        this.pass(TTL + 1);
        break;
      case "deafen":
        if (this.behaviour.fails === true) this.remote?.deafen();
        break;
      case "fail":
        if (this.behaviour.fails === true) this.remote?.fail();
        break;
      case "recover":
        this.remote?.recover();
        break;
      case "clock":
        this.clock.jumpWall(step.jump);
    }
  }

  publish(name: (typeof STREAMS)[number]): void {
    this.published[name].push(this.memory.publish(name, checkText("x")).created);
  }

  join(name: (typeof STREAMS)[number], from: Start, group = false): Reader {
    // As in the server: a group is removed with its last member.
    if (this.hub.observers(name) === 0) this.groups[name] = new ReaderGroup();
    // Replays to WebSockets wait for their turn, as in the server.
    const reader = group ? new GroupReader(this.groups[name], this.turns.schedule) : new Reader();
    const cursor = this.cursorOf(name, from);
    this.joined.push({ reader, stream: name, cursor });
    this.hub.subscribe(name, reader, cursor);
    return reader;
  }

  /** Begins a loop of long polls at the position of the stream. */
  poll(name: (typeof STREAMS)[number]): void {
    const poller = new Poller(this.hub, this.polls, name, this.memory.subscribe(name).cursor);
    this.pollers.push({ poller, stream: name });
  }

  /** Ends the polls. */
  close(): void {
    for (const { poller } of this.pollers) poller.stop();
    for (const leaver of this.polls.leavers()) leaver.leave(0);
  }

  /** Restores the connection and waits until all readers have caught up. */
  async settle(): Promise<void> {
    this.remote?.recover();
    this.turns.end();
    const isBusy = () =>
      (this.remote?.answers.length ?? 0) > 0 ||
      this.subscribed.some(({ state }) => state !== "live") ||
      this.pollers.some(({ poller }) => !poller.isWaiting);
    for (let i = 0; i < 1000 && (i < 5 || isBusy()); i++) {
      this.remote?.deliver(Number.POSITIVE_INFINITY);
      for (const reader of this.subscribed) {
        reader.room = true;
        if (reader.full) reader.drain();
      }
      await this.remote?.answer();
      // Repairs that failed are tried again.
      if (i % 10 === 0) this.hub.onTimer();
      this.turns.end();
      if (this.pollers.length === 0) continue;
      for (const { poller } of this.pollers) poller.start();
      await new Promise(setImmediate);
    }
    expect(this.subscribed.map(({ state }) => state)).toEqual(this.subscribed.map(() => "live"));
    const observers = STREAMS.map((name) => this.hub.observers(name));
    const listeners = [...this.joined.filter(isSubscribed), ...this.pollers];
    expect(observers).toEqual(STREAMS.map((name) => listeners.filter((one) => one.stream === name).length));
  }

  /** Each reader received every message after its start once, in order, or a gap that covers it. */
  check(): void {
    for (const { reader, stream: name, cursor } of this.joined) {
      const { cursors, welcomes } = reader;
      expect(reader.overruns).toBe(0);
      if (welcomes.length === 0) expect(cursors).toEqual([]);
      if (welcomes.length === 0) continue;
      const last = reader.state === "detached" ? (cursors.at(-1) ?? 0) : Number.MAX_SAFE_INTEGER;
      this.checkReceived(name, startOf(reader, cursor, last), last, reader);
    }
    for (const { poller, stream: name } of this.pollers)
      this.checkReceived(name, poller.begin, Number.MAX_SAFE_INTEGER, poller);
  }

  /** Checks that messages after `start` up to `last` were received once and in order, or are covered by gaps. */
  private checkReceived(
    name: (typeof STREAMS)[number],
    start: Cursor,
    last: Cursor,
    { cursors, gaps }: { readonly cursors: readonly Cursor[]; readonly gaps: readonly Gap[] },
  ): void {
    for (const [i, cursor] of cursors.entries())
      if (i > 0) expect(cursor).toBeGreaterThan(cursors[i - 1] ?? 0);
    for (const gap of gaps) {
      expect(gap.from).toBeLessThan(gap.to);
      expect(cursors.filter((cursor) => cursor > gap.from && cursor < gap.to)).toEqual([]);
    }
    const expected = this.published[name].filter((cursor) => cursor > start && cursor <= last);
    const missing = expected.filter((cursor) => !gaps.some((gap) => cursor > gap.from && cursor < gap.to));
    expect(cursors).toEqual(missing);
  }

  /** The same client resumes with the cursor of the last message that it received. */
  private rejoin(joined: Joined | undefined): void {
    const last = joined?.reader.cursors.at(-1);
    if (joined === undefined || last === undefined) return;
    const { group } = joined.reader;
    joined.reader.unsubscribe();
    this.join(joined.stream, this.published[joined.stream].indexOf(last), group !== undefined);
  }

  private async create(name: (typeof STREAMS)[number]): Promise<void> {
    try {
      const { owner = "" } = await this.memory.create({ name, private: false, ttl: undefined });
      this.owners[name] = owner;
    } catch {
      // It exists.
    }
  }

  private async end(name: (typeof STREAMS)[number]): Promise<void> {
    try {
      await this.memory.end(name, this.owners[name]);
    } catch {
      // It does not exist, or has no owner.
    }
  }

  private cursorOf(name: (typeof STREAMS)[number], start: Start): Cursor | undefined {
    const published = this.published[name];
    switch (start) {
      case "live":
        return undefined;
      case "earliest":
        return EARLIEST;
      case "future":
        return FUTURE;
      case "foreign":
        return FOREIGN;
      default:
        return published.at(start % (published.length || 1)) ?? EARLIEST;
    }
  }

  private pass(seconds: number): void {
    this.clock.advance(seconds * 1000);
    this.hub.onTimer();
  }

  private get subscribed(): Reader[] {
    return this.joined.filter(isSubscribed).map(({ reader }) => reader);
  }

  private reader(number: number): Reader | undefined {
    return this.joined[number % (this.joined.length || 1)]?.reader;
  }
}

function isSubscribed({ reader }: Joined): boolean {
  return reader.state !== "detached";
}

function nameOf(number: number): (typeof STREAMS)[number] {
  return STREAMS[number % STREAMS.length] ?? "foo";
}

/** Where the messages begin that a reader must receive, up to `last`. */
function startOf(reader: Reader, cursor: Cursor | undefined, last: Cursor): Cursor {
  if (cursor === undefined) return beginOf(reader);
  // Everything that was kept when a remote broker read it, which is not known here.
  if (cursor === EARLIEST) return (reader.cursors[0] ?? last) - 1;
  // Everything ever published, or a gap.
  return cursor >= FUTURE ? 0 : cursor;
}

/** Where a reader began, as its welcome said. */
function beginOf({ welcomes }: Reader): Cursor {
  const [entry] = welcomes[0]?.entries ?? [];
  const { Cursor: cursor = "" } = JSON.parse(entry?.json ?? "{}") as { Cursor?: string };
  return parseCursorAfter(splitCursor(cursor)?.ns ?? "") ?? Number.NaN;
}
