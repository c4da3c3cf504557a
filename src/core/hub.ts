import { formatNanoseconds, type Cursor } from "../protocol/cursor.ts";
import type { Entry } from "../protocol/frames.ts";
import { eventJson, type EndReason, type EventDetails } from "../protocol/message.ts";
import type { WirePresence, WirePerson } from "../protocol/presence.ts";
import type { PageQuery } from "../protocol/query.ts";
import type { CheckedMessage } from "../protocol/checked-message.ts";
import type {
  Broker,
  BrokerListener,
  CreatedStream,
  Maybe,
  Payer,
  Replay,
  StreamInfo,
  StreamRequest,
} from "./broker.ts";
import { Channel, type ChannelContext } from "./channel.ts";
import type { Clock } from "./clock.ts";
import { Counters } from "./counters.ts";
import { copyString } from "./copy-string.ts";
import type { Message } from "./message.ts";
import { FlushThrottle } from "./flush-throttle.ts";
import type { IdGenerator } from "./id-generator.ts";
import type { Page } from "./page.ts";
import type { Subscriber } from "./subscriber.ts";
import { TailBudget } from "./tail.ts";

/** Memory of the newest messages of streams that are subscribed at a broker elsewhere, in bytes. */
const TAIL_MEMORY = 64 * 1024 * 1024;

/** Calls `flush` after `delay` milliseconds; 0 is the end of this turn of the event loop, after all input that is ready. */
export type Scheduler = (flush: () => void, delay: number) => void;

/** A listed stream with the number of its listeners. */
export interface ListedStream extends StreamInfo {
  readonly observers: number;
}

/** The server's view of streams: publishes to the broker and delivers its news to subscribers. */
export class Hub implements BrokerListener, ChannelContext {
  private readonly channels = new Map<string, Channel>();
  private scheduled: Channel[] = [];
  private readonly throttle = new FlushThrottle();
  /** Whether periodic work of the broker is continued in the next turn. */
  private working = false;
  readonly counters: Counters;
  readonly tails: TailBudget;

  readonly broker: Broker;
  private readonly ids: IdGenerator;
  private readonly clock: Clock;
  private readonly scheduler: Scheduler;

  /** `ids` numbers the events of this process. */
  constructor(
    broker: Broker,
    ids: IdGenerator,
    clock: Clock,
    scheduler: Scheduler,
    tails = new TailBudget(TAIL_MEMORY),
    counters = new Counters(),
  ) {
    this.counters = counters;
    this.tails = tails;
    this.broker = broker;
    this.ids = ids;
    this.clock = clock;
    this.scheduler = scheduler;
    broker.listen(this);
    broker.audience?.listen((stream, json) => {
      this.channels.get(stream)?.push({ json, created: 0, cursor: undefined, text: "" });
    });
  }

  /** See {@link Broker.isReady}. */
  isReady(stream?: string): boolean {
    return this.broker.isReady?.(stream) ?? true;
  }

  create(request: StreamRequest): Promise<CreatedStream> {
    return this.broker.create(request);
  }

  /** See {@link Broker.server}. */
  get server(): string {
    return this.broker.server;
  }

  publish(stream: string, message: CheckedMessage, ref?: string, payer?: Payer): Maybe<Message> {
    return this.broker.publish(stream, message, ref, payer);
  }

  page(stream: string, query: PageQuery): Maybe<Page> {
    return this.broker.page(stream, query);
  }

  replay(stream: string, cursor: Cursor, limit: number): Maybe<Replay> {
    return this.broker.replay(stream, cursor, limit);
  }

  end(stream: string, owner?: string): Promise<void> {
    return this.broker.end(stream, owner);
  }

  async list(limit: number, prefix: string): Promise<ListedStream[]> {
    const streams = await this.broker.list(limit, prefix);
    return streams.map((stream) => ({ observers: this.observers(stream.name), ...stream }));
  }

  /** The number of streams with listeners. */
  get listenedStreams(): number {
    return this.channels.size;
  }

  /** Returns the number of listeners of a stream. */
  observers(stream: string): number {
    return this.channels.get(stream)?.size ?? 0;
  }

  /** Returns the presence list of a stream on this server. */
  presence(stream: string): Maybe<WirePresence> {
    const { audience } = this.broker;
    if (audience !== undefined) return audience.presence(stream);
    const channel = this.channels.get(stream);
    return {
      Stream: stream,
      Created: formatNanoseconds(this.ids.now()),
      Observers: channel?.size ?? 0,
      ...(channel?.present() ?? { People: [], More: 0 }),
    };
  }

  /**
   * Subscribes a reader, live or from `cursor`, and adds `person` to the presence list if given. The stream need not exist;
   * subscribing does not create it.
   */
  subscribe(stream: string, subscriber: Subscriber, cursor?: Cursor, person?: WirePerson): void {
    let channel = this.channels.get(stream);
    if (channel === undefined) {
      channel = new Channel(copyString(stream), this);
      this.channels.set(channel.stream, channel);
    }
    channel.subscribe(subscriber, cursor, person);
  }

  /** Runs periodic work: expiry, presence events. Called about once a second. */
  onTimer(): void {
    if (!this.working) this.work();
    for (const channel of this.channels.values()) channel.onTimer();
  }

  published(message: Message, previous?: Cursor): void {
    this.counters.published++;
    this.counters.textLengths.observe(message.length);
    this.channels.get(message.stream)?.published(message, previous);
  }

  resumed(stream: string, position: Cursor): void {
    this.channels.get(stream)?.resumed(position);
  }

  created(stream: string, ttl: number): void {
    this.channels.get(stream)?.created(ttl);
  }

  expiring(stream: string, seconds: number): void {
    this.pushEvent(stream, { Text: "expiring", Seconds: seconds });
  }

  ended(stream: string, reason: EndReason): void {
    this.channels.get(stream)?.ended(reason);
  }

  onEmpty(channel: Channel): void {
    this.channels.delete(channel.stream);
  }

  schedule(channel: Channel): void {
    if (this.scheduled.length === 0)
      this.scheduler(() => this.flush(), this.throttle.delay(this.monotonic()));
    this.scheduled.push(channel);
  }

  event(stream: string, details: EventDetails, text = ""): Entry {
    const created = this.ids.next();
    const json = eventJson(this.ids.id(created), created, stream, details);
    return { json, created: 0, cursor: undefined, text };
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  now(): Cursor {
    return this.ids.now();
  }

  /** Runs periodic work of the broker, part of it in each turn of the event loop. */
  private work(): void {
    this.working = this.broker.onTimer();
    if (this.working) this.scheduler(() => this.work(), 0);
  }

  private pushEvent(stream: string, details: EventDetails): void {
    this.channels.get(stream)?.push(this.event(stream, details));
  }

  /** Flushes everything pending, without waiting for the end of the turn. */
  flush(): void {
    const channels = this.scheduled;
    this.scheduled = [];
    const began = this.monotonic();
    let most = 0;
    for (const channel of channels) most = Math.max(most, channel.flush());
    const ended = this.monotonic();
    this.throttle.flushed(began, ended, most);
    this.counters.flushes.observe(ended - began);
  }
}
