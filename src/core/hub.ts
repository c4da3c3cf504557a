import { formatCursor, type Cursor } from "../protocol/cursor.ts";
import type { Entry } from "../protocol/frames.ts";
import { eventJson, type EndReason, type EventDetails } from "../protocol/message.ts";
import type { WirePresence, WirePerson } from "../protocol/presence.ts";
import type { PageQuery } from "../protocol/query.ts";
import type { CheckedText } from "../protocol/text.ts";
import type { Broker, BrokerListener, CreatedStream, Maybe, StreamInfo, StreamRequest } from "./broker.ts";
import { Channel, type ChannelContext } from "./channel.ts";
import type { Clock } from "./clock.ts";
import type { Message } from "./message.ts";
import type { Numbering } from "./id-generator.ts";
import type { Page } from "./page.ts";
import { Pace } from "./flush-throttle.ts";
import type { Subscriber } from "./subscriber.ts";

/** Calls back after so many milliseconds; 0 is when this turn of the event loop has handled all that was there to handle. */
export type Scheduler = (flush: () => void, delay: number) => void;

/** A stream as listed, with how many listen to it. */
export interface ListedStream extends StreamInfo {
  readonly observers: number;
}

/** What the server knows of streams: publishes to the broker, and gives what the broker tells to those who listen. */
export class Hub implements BrokerListener, ChannelContext {
  private readonly channels = new Map<string, Channel>();
  private scheduled: Channel[] = [];
  private readonly pace = new Pace();

  readonly broker: Broker;
  private readonly numbering: Numbering;
  private readonly clock: Clock;
  private readonly soon: Scheduler;

  constructor(broker: Broker, numbering: Numbering, clock: Clock, soon: Scheduler) {
    this.broker = broker;
    this.numbering = numbering;
    this.clock = clock;
    this.soon = soon;
    broker.listen(this);
  }

  create(request: StreamRequest): Maybe<CreatedStream> {
    return this.broker.create(request);
  }

  /** See {@link Broker.origin}. */
  get origin(): string {
    return this.broker.origin;
  }

  publish(stream: string, text: CheckedText, ref?: string): Maybe<Message> {
    return this.broker.publish(stream, text, ref);
  }

  page(stream: string, query: PageQuery): Maybe<Page> {
    return this.broker.page(stream, query);
  }

  end(stream: string, owner: string): Maybe<void> {
    return this.broker.end(stream, owner);
  }

  async list(limit: number, prefix: string): Promise<ListedStream[]> {
    const streams = await this.broker.list(limit, prefix);
    return streams.map((stream) => ({ ...stream, observers: this.observers(stream.name) }));
  }

  /** How many listen to a stream. */
  observers(stream: string): number {
    return this.channels.get(stream)?.size ?? 0;
  }

  /** Who listens to a stream, on this server. */
  presence(stream: string): WirePresence {
    const channel = this.channels.get(stream);
    return {
      Stream: stream,
      Created: formatCursor(this.now()),
      Observers: channel?.size ?? 0,
      ...(channel?.present() ?? { People: [], More: 0 }),
    };
  }

  /**
   * Lets a reader listen: from now on, or from after `cursor`; seen by the others as `person`, if any. The stream need not
   * exist; listening does not create it.
   */
  subscribe(stream: string, subscriber: Subscriber, cursor?: Cursor, person?: WirePerson): void {
    let channel = this.channels.get(stream);
    if (channel === undefined) {
      channel = new Channel(stream, this);
      this.channels.set(stream, channel);
    }
    channel.join(subscriber, cursor, person);
  }

  /** Does what time asks for: called about once a second. */
  advance(): void {
    this.broker.advance();
    for (const channel of this.channels.values()) channel.announce();
  }

  published(message: Message): void {
    this.channels.get(message.stream)?.push(message);
  }

  expiring(stream: string, seconds: number): void {
    this.tell(stream, { Text: "expiring", Seconds: seconds });
  }

  ended(stream: string, reason: EndReason): void {
    this.tell(stream, { Text: "ended", Reason: reason });
  }

  deserted(channel: Channel): void {
    this.channels.delete(channel.stream);
  }

  schedule(channel: Channel): void {
    if (this.scheduled.length === 0) this.soon(() => this.flush(), this.pace.delay(this.monotonic()));
    this.scheduled.push(channel);
  }

  event(stream: string, details: EventDetails, text = ""): Entry {
    const created = this.numbering.next();
    return { json: eventJson(this.numbering.id(created), created, stream, details), created: 0, text };
  }

  now(): Cursor {
    return this.numbering.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  private tell(stream: string, details: EventDetails): void {
    this.channels.get(stream)?.push(this.event(stream, details));
  }

  /** Gives out now what came, without waiting for the turn to end. */
  flush(): void {
    const channels = this.scheduled;
    this.scheduled = [];
    const began = this.monotonic();
    let most = 0;
    for (const channel of channels) most = Math.max(most, channel.flush());
    this.pace.gaveOut(began, this.monotonic(), most);
  }
}
