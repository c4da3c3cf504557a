import { formatCursor, type Cursor } from "../protocol/cursor.ts";
import { gapText, type Entry } from "../protocol/frames.ts";
import type { EventDetails } from "../protocol/message.ts";
import { MAX_PEOPLE, type WirePerson } from "../protocol/presence.ts";
import { Batch } from "./batch.ts";
import type { Broker, Catchup } from "./broker.ts";
import { People } from "./presence.ts";
import type { Seat, Subscriber, SubscriberGroup, SubscriberState } from "./subscriber.ts";

/** Messages that a reader who catches up is given in one write: about 8 kB as a rule, 140 kB at the most. */
const CATCH_UP_MESSAGES = 32;

/** What came is given out before the turn ends once it is this much, in UTF-16 code units of JSON: bounds what a write can hold. */
const FULL_BATCH = 128 * 1024;

/** At most one event about those who listen in this time, in milliseconds. */
const PRESENCE_INTERVAL = 1000;

/** What a channel needs of the hub. */
export interface ChannelContext {
  readonly broker: Broker;
  /** Nobody listens any more. */
  deserted(channel: Channel): void;
  /** Asks for one {@link Channel.flush} when this turn of the event loop ends. */
  schedule(channel: Channel): void;
  /** Something happened to a stream; the text is what plain text shows of it. */
  event(stream: string, details: EventDetails, text?: string): Entry;
  /** No message that was given out has a later `Created`. */
  now(): Cursor;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
}

/**
 * The live side of a stream: who listens, and what they have not been given yet. What comes in one turn of the event loop
 * is given out at its end, as one write to each reader: system calls are what fan-out costs. Whoever joins or catches up
 * is read to from history, just after all others have been given what came, and is live from there; so nothing is missed
 * or doubled in between.
 */
export class Channel implements Seat {
  private count = 0;
  private readonly live = new Set<Subscriber>();
  private readonly groups = new Set<SubscriberGroup>();
  private pending: Entry[] = [];
  private pendingSize = 0;
  /** Readers who are live have all up to here. */
  private newest: Cursor;
  /** Those who want to be seen: mostly nobody. */
  private people: People | undefined = undefined;
  private announced = 0;
  private announcedAt = Number.NEGATIVE_INFINITY;

  readonly stream: string;
  private readonly context: ChannelContext;

  constructor(stream: string, context: ChannelContext) {
    this.stream = stream;
    this.context = context;
    this.newest = context.now();
  }

  /** How many listen. */
  get size(): number {
    return this.count;
  }

  /** Who listens: the first {@link MAX_PEOPLE} of those who want to be seen, and how many more. */
  present(): { People: WirePerson[]; More: number } {
    return this.people?.list(MAX_PEOPLE) ?? { People: [], More: 0 };
  }

  /** Lets a reader in: from now on, or from after `cursor`; seen as `person`, if any. */
  join(subscriber: Subscriber, cursor: Cursor | undefined, person?: WirePerson): void {
    // Counted first: giving out may make the last reader leave, and a channel without readers is done with.
    this.count++;
    this.flush();
    subscriber.seat = this;
    subscriber.state = "reading";
    if (person !== undefined) this.seen(subscriber, person);
    if (cursor === undefined) {
      this.enliven(subscriber);
    } else {
      subscriber.cursor = cursor;
      this.catchUp(subscriber);
    }
    this.announce();
  }

  show(subscriber: Subscriber, person?: WirePerson): void {
    this.seen(subscriber, person);
    this.announce();
  }

  leave(subscriber: Subscriber): void {
    if (subscriber.state === "away") return;
    this.still(subscriber, "away");
    subscriber.seat = undefined;
    this.seen(subscriber);
    this.count--;
    if (this.count > 0) return this.announce();
    // Nobody is left to give it to, and whoever comes next comes to another channel.
    this.pending = [];
    this.context.deserted(this);
  }

  /** The reader has all that was given out, and can take no more until it resumes. */
  fallBehind(subscriber: Subscriber): void {
    if (subscriber.state !== "live") return;
    this.still(subscriber, "full");
    subscriber.cursor = this.newest;
  }

  /** The reader can take more again. */
  resume(subscriber: Subscriber): void {
    if (subscriber.state !== "full") return;
    this.flush();
    subscriber.state = "reading";
    this.catchUp(subscriber);
  }

  /** Something to give out to all who listen, at the end of this turn. */
  push(entry: Entry): void {
    if (this.pending.length === 0) this.context.schedule(this);
    this.pending.push(entry);
    this.pendingSize += entry.json.length;
    if (this.pendingSize >= FULL_BATCH) this.flush();
  }

  /** Gives out what came. Answers how much that was. */
  flush(): number {
    if (this.pending.length === 0) return 0;
    const batch = new Batch(this.pending);
    this.pending = [];
    this.pendingSize = 0;
    if (batch.newest > 0) this.newest = batch.newest;
    for (const subscriber of this.live) {
      if (!subscriber.write(batch)) this.fallBehind(subscriber);
    }
    for (const group of this.groups) group.write(batch);
    return batch.entries.length;
  }

  /** Tells those who listen how many they are and who, if that changed and they were not told within {@link PRESENCE_INTERVAL}. */
  announce(): void {
    const more = this.count - this.announced;
    if ((more === 0 && this.people?.changed !== true) || this.count === 0) return;
    const now = this.context.monotonic();
    if (now - this.announcedAt < PRESENCE_INTERVAL) return;
    const Text = more > 0 ? "connect" : more < 0 ? "close" : "presence";
    this.announced = this.count;
    this.announcedAt = now;
    this.push(
      this.context.event(this.stream, { Text, Observers: this.count, ...this.people?.takeChanges() }),
    );
  }

  private seen(subscriber: Subscriber, person?: WirePerson): void {
    if (person !== undefined) this.people ??= new People();
    this.people?.show(subscriber, person);
  }

  /** Reads history to the reader until it has all that was given out, or can take no more for now. */
  private catchUp(subscriber: Subscriber): void {
    for (;;) {
      if (!subscriber.hasRoom) return this.still(subscriber, "full");
      const { newest } = this;
      const answer = this.context.broker.catchUp(this.stream, subscriber.cursor, CATCH_UP_MESSAGES);
      if (answer instanceof Promise) {
        answer.then(
          (catchup) => {
            this.flush();
            if (this.give(subscriber, catchup, newest)) this.catchUp(subscriber);
          },
          () => subscriber.close(),
        );
        return;
      }
      if (!this.give(subscriber, answer, newest)) return;
    }
  }

  /** Gives a reader a piece of history. Answers whether there may be more of it; `newest` is what the others had when it was read. */
  private give(subscriber: Subscriber, { gap, messages }: Catchup, newest: Cursor): boolean {
    if (subscriber.state !== "reading") return false;
    const entries: Entry[] = [...messages];
    if (gap !== undefined) {
      const { from, to } = gap;
      const details = { Text: "gap", From: formatCursor(from), To: formatCursor(to) } as const;
      entries.unshift(this.context.event(this.stream, details, gapText(from, to)));
      subscriber.cursor = to - 1;
    }
    if (entries.length > 0) {
      const batch = new Batch(entries);
      if (batch.newest > 0) subscriber.cursor = batch.newest;
      if (!subscriber.write(batch)) this.still(subscriber, "full");
      if (subscriber.state !== "reading") return false;
    }
    if (messages.length === CATCH_UP_MESSAGES || this.newest !== newest) return true;
    this.enliven(subscriber);
    return false;
  }

  private enliven(subscriber: Subscriber): void {
    subscriber.state = "live";
    if (subscriber.group === undefined) {
      this.live.add(subscriber);
    } else {
      this.groups.add(subscriber.group);
      subscriber.enterGroup();
    }
  }

  /** Takes a reader out of those who are given what comes. */
  private still(subscriber: Subscriber, state: Exclude<SubscriberState, "live">): void {
    if (subscriber.state === "away") return;
    if (subscriber.state === "live") {
      this.live.delete(subscriber);
      subscriber.leaveGroup();
      if (subscriber.group?.size === 0) this.groups.delete(subscriber.group);
    }
    subscriber.state = state;
  }
}
