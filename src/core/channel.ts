import { FOREIGN, formatCursor, formatNanoseconds, type Cursor } from "../protocol/cursor.ts";
import { gapText, type Entry } from "../protocol/frames.ts";
import type { EndReason, EventDetails } from "../protocol/message.ts";
import { MAX_PEOPLE, type WirePerson } from "../protocol/presence.ts";
import { nextAnnouncement, type Announced } from "./announcements.ts";
import { Batch } from "./batch.ts";
import type { Counters } from "./counters.ts";
import type { Broker, Gap, Position, Replay } from "./broker.ts";
import type { Message } from "./message.ts";
import { PresenceList } from "./presence.ts";
import { openFeed, type FeedListener, type StreamFeed } from "./stream-feed.ts";
import type { TailBudget } from "./tail.ts";
import type { Subscriber, SubscriberGroup, SubscriberState, Subscription } from "./subscriber.ts";

/** Messages per write to a reader that catches up, usually about 8 kB. Fewer if they are longer than {@link FULL_BATCH}. */
const REPLAY_MESSAGES = 32;

/** Pieces of history written to a reader before others get a turn. */
const REPLAY_SLICE = 4;

/** Pending entries are flushed before the turn ends once they reach this size, in UTF-16 code units of JSON. Bounds the size of a write. */
const FULL_BATCH = 64 * 1024;

/** What a channel needs from the hub. */
export interface ChannelContext {
  readonly broker: Broker;
  readonly counters: Counters;
  /** Of all channels, if the broker is not in this process. */
  readonly tails: TailBudget;
  /** The last subscriber left. */
  onEmpty(channel: Channel): void;
  /** Requests one {@link Channel.flush} at the end of this turn of the event loop. */
  schedule(channel: Channel): void;
  /** Creates an event; `text` is its form for plain-text listeners. */
  event(stream: string, details: EventDetails, text?: string): Entry;
  /** The time of the monotonic clock, in milliseconds. */
  monotonic(): number;
  /** The time on the scale of messages and events. */
  now(): Cursor;
}

/**
 * The live side of a stream: its subscribers, and the entries not delivered to them yet. What arrives in one turn of the
 * event loop is flushed at its end with one write per reader, because system calls are what fan-out costs. A reader who joins
 * or catches up is served from history right after a flush and is live from there, so nothing is missed or delivered twice.
 */
export class Channel implements Subscription, FeedListener, Announced {
  private count = 0;
  /** Without those that a group writes to. Undefined until there is one: most streams of a WebSocket have none. */
  private live: Set<Subscriber> | undefined = undefined;
  /** One or two, so an array: a Set would take a tenth of the memory of a channel. */
  private readonly groups: SubscriberGroup[] = [];
  private pending: Entry[] = [];
  private pendingSize = 0;
  /** The newest message that was delivered to this channel or reported as missed. */
  private delivered: Cursor = 0;
  /** Live readers have everything up to here. */
  private flushed: Cursor = 0;
  people: PresenceList | undefined = undefined;
  announced = 0;
  announcedAt = Number.NEGATIVE_INFINITY;

  readonly stream: string;
  private readonly feed: StreamFeed;
  private readonly context: ChannelContext;

  constructor(stream: string, context: ChannelContext) {
    this.stream = stream;
    this.context = context;
    this.feed = openFeed(context.broker, stream, this, context.tails);
  }

  /** The number of subscribers. */
  get size(): number {
    return this.count;
  }

  /** Returns the first {@link MAX_PEOPLE} people, and how many more there are. */
  present(): { People: WirePerson[]; More: number } {
    return this.people?.list(MAX_PEOPLE) ?? { People: [], More: 0 };
  }

  /** Subscribes a reader, live or from `cursor`, and adds `person` to the presence list if given. */
  subscribe(subscriber: Subscriber, cursor: Cursor | undefined, person?: WirePerson): void {
    this.count++;
    this.context.counters.subscriptions++;
    subscriber.subscription = this;
    subscriber.state = "replaying";
    if (person !== undefined) this.updatePeople(subscriber, person);
    const position = this.feed.position();
    const begin = (found: Position): void => {
      this.begin(subscriber, cursor, found);
      this.announce();
    };
    if (position instanceof Promise) position.then(begin, (error: unknown) => this.fail(subscriber, error));
    else begin(position);
  }

  setPerson(subscriber: Subscriber, person?: WirePerson): void {
    this.updatePeople(subscriber, person);
    this.announce();
  }

  unsubscribe(subscriber: Subscriber): void {
    if (subscriber.state === "detached") return;
    this.stopDelivery(subscriber, "detached");
    subscriber.subscription = undefined;
    this.updatePeople(subscriber);
    this.count--;
    this.context.counters.subscriptions--;
    if (this.count > 0) return this.announce();
    this.pending = [];
    this.feed.close();
    this.context.onEmpty(this);
  }

  pause(subscriber: Subscriber): void {
    if (subscriber.state !== "live") return;
    this.stopDelivery(subscriber, "paused");
    subscriber.cursor = this.flushed;
  }

  resume(subscriber: Subscriber): void {
    if (subscriber.state !== "paused") return;
    subscriber.state = "replaying";
    this.beginReplay(subscriber);
  }

  /** See {@link BrokerListener.published}. */
  published(message: Message, previous?: Cursor): void {
    this.feed.published(message, previous);
  }

  /** See {@link BrokerListener.resumed}. */
  resumed(position: Cursor): void {
    this.feed.resumed(position);
  }

  /** See {@link BrokerListener.created}. */
  created(ttl: number): void {
    this.push(this.context.event(this.stream, { Text: "created", TTL: ttl * 1e9 }));
  }

  /** See {@link BrokerListener.ended}. */
  ended(reason: EndReason): void {
    this.feed.ended();
    this.push(this.context.event(this.stream, { Text: "ended", Reason: reason }));
  }

  deliver(message: Message): void {
    // Defence in depth: the feed keeps the order.
    if (message.created <= this.delivered) return;
    this.delivered = message.created;
    this.push(message);
  }

  missed(gap: Gap): void {
    this.delivered = gap.to - 1;
    this.push(this.gapEvent(gap));
  }

  /** Queues an entry for all live readers until the end of this turn. */
  push(entry: Entry): void {
    if (this.pending.length === 0) this.context.schedule(this);
    this.pending.push(entry);
    this.pendingSize += entry.json.length;
    if (this.pendingSize >= FULL_BATCH) this.flush();
  }

  /** Writes the queued entries to all live readers. Returns their number. */
  flush(): number {
    if (this.pending.length === 0) return 0;
    const batch = new Batch(this.pending);
    this.pending = [];
    this.pendingSize = 0;
    this.flushed = Math.max(this.flushed, this.delivered);
    if (this.live !== undefined) {
      for (const subscriber of this.live) if (!this.write(subscriber, batch)) this.pause(subscriber);
    }
    const { delivered } = this.context.counters;
    // Backwards: a group that has no members left is removed.
    for (let i = this.groups.length - 1; i >= 0; i--) {
      const group = this.groups[i];
      if (group === undefined) continue;
      delivered[group.transport] += group.size * batch.messages;
      group.write(batch);
    }
    return batch.entries.length;
  }

  /** Called about once a second. */
  onTimer(): void {
    this.feed.onTimer();
    // An audience announces by its own timer.
    if (this.context.broker.audience === undefined) this.announce();
  }

  /** Pushes a presence event, or lets the audience do so, if the number or the presence of subscribers changed. */
  private announce(): void {
    const { audience } = this.context.broker;
    if (audience !== undefined) return audience.announce(this.stream, this.count);
    const details = nextAnnouncement(this, this.count, this.context);
    if (details !== undefined) this.push(this.context.event(this.stream, details));
  }

  private updatePeople(subscriber: Subscriber, person?: WirePerson): void {
    const { audience } = this.context.broker;
    if (audience !== undefined) return audience.setPerson(this.stream, subscriber, person);
    if (person !== undefined) this.people ??= new PresenceList();
    this.people?.set(subscriber, person);
  }

  /** Welcomes a reader and starts its delivery. */
  private begin(subscriber: Subscriber, cursor: Cursor | undefined, position: Position): void {
    if (subscriber.state !== "replaying") return;
    this.flush();
    this.flushed = Math.max(this.flushed, position.cursor);
    subscriber.cursor = cursor ?? position.cursor;
    if (!this.write(subscriber, new Batch([this.welcomeEvent(subscriber.cursor, position)]), "welcome"))
      return this.stopDelivery(subscriber, "paused");
    // Later messages may have been flushed while the position was asked for.
    if (cursor === undefined && position.cursor === this.flushed) this.goLive(subscriber);
    else this.beginReplay(subscriber);
  }

  private beginReplay(subscriber: Subscriber): void {
    subscriber.takeTurn(() => {
      // It may have left while it waited.
      if (subscriber.state !== "replaying") return;
      try {
        this.flush();
        this.replay(subscriber);
      } catch (error) {
        this.fail(subscriber, error);
      }
    });
  }

  /** Writes history to the reader until it has everything that was flushed, cannot take more, or must let others have a turn. */
  private replay(subscriber: Subscriber): void {
    for (let pieces = 0; pieces < REPLAY_SLICE; pieces++) {
      if (!subscriber.hasRoom) return this.stopDelivery(subscriber, "paused");
      const replay = this.feed.read(subscriber.cursor, REPLAY_MESSAGES);
      if (replay instanceof Promise) {
        replay.then(
          (late) => {
            this.flush();
            if (this.writeReplay(subscriber, late)) this.replay(subscriber);
          },
          (error: unknown) => this.fail(subscriber, error),
        );
        return;
      }
      if (!this.writeReplay(subscriber, replay)) return;
    }
    this.beginReplay(subscriber);
  }

  /** Writes a piece of history to a reader. Returns whether it needs more to be live. */
  private writeReplay(subscriber: Subscriber, { gap, messages, cursor }: Replay): boolean {
    if (subscriber.state !== "replaying") return false;
    const entries: Entry[] = upTo(FULL_BATCH, messages);
    const isCut = entries.length < messages.length;
    const last = entries.at(-1)?.created ?? cursor;
    if (gap !== undefined) entries.unshift(this.gapEvent(gap));
    subscriber.cursor = isCut ? last : cursor;
    if (entries.length > 0 && !this.write(subscriber, new Batch(entries)))
      this.stopDelivery(subscriber, "paused");
    if (subscriber.state !== "replaying") return false;
    if (isCut || cursor < this.flushed) return true;
    this.goLive(subscriber);
    return false;
  }

  /** Writes to one reader. A connection whose write throws is closed, so that the others do not miss anything. */
  private write(subscriber: Subscriber, batch: Batch, method: "write" | "welcome" = "write"): boolean {
    const { transport } = subscriber;
    if (transport !== undefined) this.context.counters.delivered[transport] += batch.messages;
    try {
      return subscriber[method](batch);
    } catch (error) {
      this.unsubscribe(subscriber);
      subscriber.failed(error);
      return true;
    }
  }

  /** Reports that a reader cannot get its position or its history. It may have left since it asked for them. */
  private fail(subscriber: Subscriber, error: unknown): void {
    if (subscriber.state === "replaying") subscriber.failed(error);
  }

  private goLive(subscriber: Subscriber): void {
    if (subscriber.state !== "replaying") return;
    subscriber.state = "live";
    if (subscriber.group === undefined) {
      (this.live ??= new Set()).add(subscriber);
    } else {
      if (!this.groups.includes(subscriber.group)) this.groups.push(subscriber.group);
      subscriber.enterGroup();
    }
  }

  /** Removes a reader from live delivery. */
  private stopDelivery(subscriber: Subscriber, state: Exclude<SubscriberState, "live">): void {
    if (subscriber.state === "detached") return;
    if (subscriber.state === "live") {
      this.live?.delete(subscriber);
      subscriber.leaveGroup();
      if (subscriber.group?.size === 0) this.groups.splice(this.groups.indexOf(subscriber.group), 1);
    }
    subscriber.state = state;
  }

  private gapEvent({ from, to }: Gap): Entry {
    this.context.counters.gaps++;
    const details = { Text: "gap", From: formatNanoseconds(from), To: formatNanoseconds(to) } as const;
    return { ...this.context.event(this.stream, details, gapText(from, to)), isGap: true };
  }

  /** A reader whose cursor is from another server keeps it until it has received the gap. */
  private welcomeEvent(begin: Cursor, { ttl, left, count }: Position): Entry {
    const { server } = this.context.broker;
    const isForeign = begin === FOREIGN;
    const cursor = formatCursor(isForeign ? 0 : begin, server);
    const event = this.context.event(this.stream, {
      Text: "welcome",
      Server: server,
      Cursor: cursor,
      TTL: ttl * 1e9,
      ...(left !== undefined && { Expires: formatNanoseconds(this.context.now() + Math.round(left * 1000)) }),
      Count: count,
    });
    return { ...event, cursor: isForeign ? undefined : cursor };
  }
}

/** Returns the first messages whose JSON together has at most this many UTF-16 code units, and at least one. */
function upTo(length: number, messages: readonly Message[]): Message[] {
  let left = length;
  const end = messages.findIndex(({ json }, i) => {
    left -= json.length;
    return left < 0 && i > 0;
  });
  return messages.slice(0, end === -1 ? messages.length : end);
}
