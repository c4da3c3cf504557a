import type {
  Broker,
  BrokerListener,
  CreatedStream,
  Payer,
  Position,
  Replay,
  StreamInfo,
  StreamRequest,
} from "../src/core/broker.ts";
import type { Message } from "../src/core/message.ts";
import type { Page } from "../src/core/page.ts";
import type { MemoryBroker } from "../src/brokers/memory/broker.ts";
import type { Cursor } from "../src/protocol/cursor.ts";
import type { PageQuery } from "../src/protocol/query.ts";
import type { CheckedMessage } from "../src/protocol/checked-message.ts";

/** How a remote broker misbehaves within the contract of the port. */
export interface Faults {
  /** Operations see the state when they were requested; otherwise when they are answered, so that history runs ahead of news. */
  readonly staleAnswers?: boolean;
  /** Each piece of news is followed by the last three of its stream once more. */
  readonly repeatsNews?: boolean;
  /** News of the stream that changed last is delivered first. */
  readonly reordersStreams?: boolean;
  /** Messages are reported without the one before them: only `resumed` reveals a loss. */
  readonly hidesPrevious?: boolean;
  /** A subscription takes effect when it is answered, and news in transit still arrives after it ended. */
  readonly slowSubscriptions?: boolean;
}

interface News {
  readonly isMessage: boolean;
  readonly tell: (listener: BrokerListener) => void;
}

/** A memory broker behind a simulated network: answers and news arrive when the test says so. */
export class AdversarialBroker implements Broker {
  /** Operations that wait for their answer. */
  readonly answers: (() => void)[] = [];
  /** Called when an answer or a piece of news begins to wait. */
  onWork: () => void = () => {};
  /** `down`: operations fail and news is lost. `deaf`: only messages are lost. */
  private state: "up" | "deaf" | "down" = "up";
  private listener: BrokerListener | undefined = undefined;
  /** Undelivered news by stream, the stream that changed last at the end. */
  private readonly news = new Map<string, News[]>();
  private readonly delivered = new Map<string, News[]>();
  private readonly newest = new Map<string, Cursor>();
  /** Streams that a subscription was requested for and not ended. */
  private readonly requested = new Set<string>();
  private readonly subscribed = new Set<string>();
  private readonly memory: MemoryBroker;
  private readonly faults: Faults;

  constructor(memory: MemoryBroker, faults: Faults) {
    this.memory = memory;
    this.faults = faults;
    memory.listen({
      published: (message) => {
        const previous = this.newest.get(message.stream);
        this.newest.set(message.stream, message.created);
        this.report(message.stream, {
          isMessage: true,
          tell: (listener) =>
            listener.published(message, faults.hidesPrevious === true ? undefined : previous),
        });
      },
      resumed() {},
      created: (stream, ttl) => {
        this.report(stream, { isMessage: false, tell: (listener) => listener.created(stream, ttl) });
      },
      expiring: (stream, seconds) => {
        this.report(stream, { isMessage: false, tell: (listener) => listener.expiring(stream, seconds) });
      },
      ended: (stream, reason) => {
        this.report(stream, { isMessage: false, tell: (listener) => listener.ended(stream, reason) });
      },
    });
  }

  get server(): string {
    return this.memory.server;
  }

  listen(listener: BrokerListener): void {
    this.listener = listener;
  }

  subscribe(stream: string): Promise<Position> {
    this.requested.add(stream);
    const effect = () => {
      if (this.requested.has(stream)) this.subscribed.add(stream);
    };
    if (this.faults.slowSubscriptions !== true)
      return this.later(() => this.memory.subscribe(stream), effect);
    return this.later(() => {
      effect();
      return this.memory.subscribe(stream);
    });
  }

  unsubscribe(stream: string): void {
    this.requested.delete(stream);
    this.subscribed.delete(stream);
    if (this.faults.slowSubscriptions === true) return;
    this.news.delete(stream);
    this.delivered.delete(stream);
  }

  create(request: StreamRequest): Promise<CreatedStream> {
    return this.later(() => this.memory.create(request));
  }

  publish(stream: string, message: CheckedMessage, ref?: string, payer?: Payer): Promise<Message> {
    return this.later(() => this.memory.publish(stream, message, ref, payer));
  }

  page(stream: string, query: PageQuery): Promise<Page> {
    return this.later(() => this.memory.page(stream, query));
  }

  replay(stream: string, cursor: Cursor, limit: number): Promise<Replay> {
    return this.later(() => this.memory.replay(stream, cursor, limit));
  }

  list(limit: number, prefix: string): Promise<StreamInfo[]> {
    return this.later(() => this.memory.list(limit, prefix));
  }

  end(stream: string, owner?: string): Promise<void> {
    return this.later(() => this.memory.end(stream, owner));
  }

  onTimer(): boolean {
    return this.memory.onTimer();
  }

  /** Answers one operation and lets the answer arrive. */
  async answer(which = 0): Promise<void> {
    this.answers.splice(which, 1)[0]?.();
    for (let i = 0; i < 12; i++) await Promise.resolve();
  }

  /** Delivers up to `count` pieces of news. */
  deliver(count: number): void {
    for (let i = 0; i < count; i++) {
      const streams = [...this.news.keys()];
      const stream = this.faults.reordersStreams === true ? streams.at(-1) : streams[0];
      if (stream === undefined) return;
      this.deliverTo(stream);
    }
  }

  get hasNews(): boolean {
    return this.news.size > 0;
  }

  /** Loses news of messages until {@link recover}. */
  deafen(): void {
    this.state = "deaf";
  }

  /** Cuts the connection: pending operations fail, and news is lost. */
  fail(): void {
    this.state = "down";
    this.news.clear();
    for (const answer of this.answers.splice(0)) answer();
  }

  /** Restores the connection. */
  recover(): void {
    if (this.state === "up") return;
    this.state = "up";
    for (const stream of this.subscribed)
      this.listener?.resumed(stream, this.memory.subscribe(stream).cursor);
  }

  private report(stream: string, news: News): void {
    if (!this.subscribed.has(stream) || this.state === "down") return;
    if (this.state === "deaf" && news.isMessage) return;
    const waiting = this.news.get(stream) ?? [];
    this.news.delete(stream);
    this.news.set(stream, [...waiting, news]);
    this.onWork();
  }

  private deliverTo(stream: string): void {
    const [news, ...rest] = this.news.get(stream) ?? [];
    if (rest.length > 0) this.news.set(stream, rest);
    else this.news.delete(stream);
    if (news === undefined || this.listener === undefined) return;
    news.tell(this.listener);
    if (this.faults.repeatsNews !== true) return;
    const recent = [...(this.delivered.get(stream) ?? []), news].slice(-3);
    this.delivered.set(stream, recent);
    for (const again of recent) if (again.isMessage) again.tell(this.listener);
  }

  /** `effect` takes place when the operation is requested, `operation` when its result is determined. */
  private async later<T>(operation: () => T | Promise<T>, effect?: () => void): Promise<T> {
    this.checkConnection();
    effect?.();
    const early = this.faults.staleAnswers === true ? Promise.try(operation) : undefined;
    // Its failure is reported when the answer arrives.
    early?.catch(() => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    this.answers.push(resolve);
    this.onWork();
    await promise;
    this.checkConnection();
    return early ?? operation();
  }

  private checkConnection(): void {
    if (this.state === "down") throw new Error("connection lost");
  }
}

/** Drives an adversarial broker automatically: one answer or some news per turn of the event loop, in a reproducible order. */
export class Autopilot {
  private random = 1;
  private running = false;
  private readonly idle: (() => void)[] = [];
  private readonly broker: AdversarialBroker;
  private readonly behaviour: { readonly newsLast?: boolean; readonly fails?: boolean };

  constructor(
    broker: AdversarialBroker,
    behaviour: { readonly newsLast?: boolean; readonly fails?: boolean },
  ) {
    this.broker = broker;
    this.behaviour = behaviour;
    broker.onWork = () => this.start();
  }

  /** Resolves when everything has been answered and delivered. */
  async settle(): Promise<void> {
    this.broker.recover();
    if (!this.running) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
    return this.settle();
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    const { broker, behaviour } = this;
    if (behaviour.fails === true) {
      if (this.next(4) === 0) broker.deafen();
      else if (this.next(2) === 0) broker.recover();
    }
    const { length } = broker.answers;
    const answers = length > 0 && (behaviour.newsLast === true || !broker.hasNews || this.next(2) === 0);
    if (answers) await broker.answer(0);
    else broker.deliver(1 + this.next(3));
    this.running = false;
    if (broker.answers.length > 0 || broker.hasNews) this.start();
    else for (const resolve of this.idle.splice(0)) resolve();
  }

  /** A linear congruential generator: numbers from 0 up to `bound`. */
  private next(bound: number): number {
    this.random = (Math.imul(this.random, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.random >>> 8) % bound;
  }
}
