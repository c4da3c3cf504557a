import type { BrokerListener, Position } from "../../core/broker.ts";
import { copyString } from "../../core/copy-string.ts";
import type { Connection } from "./connection.ts";
import type { Engine } from "./engine.ts";
import { parseNews, previousOf, storedMessage } from "./entry.ts";
import { channelOf, groupOf } from "./groups.ts";
import type { Reply } from "./resp.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { EXPIRE, POSITION_OF } from "./scripts.ts";
import { dueNotice, forget, renew, type WatchedStream } from "./watched-streams.ts";

/** Streams to subscribe again at a time after the connection was lost. */
const RESUBSCRIBED = 256;

/** What the engine says of a stream. */
interface Look extends Position {
  /** On the engine's clock in microseconds; 0: the stream does not exist. */
  readonly deadline: number;
  /** The newest message ever. */
  readonly newest: number;
  /** Whether its group has something in it. */
  readonly isUsed: boolean;
}

/** The streams that this server is subscribed to: reports their news, also after the connection was lost or they moved to another node. */
export class Subscriptions {
  /** By channel. */
  private readonly watched = new Map<string, WatchedStream>();
  private isResubscribing = false;
  listener: BrokerListener | undefined = undefined;

  private readonly engine: Engine;
  private readonly scripts: ScriptRunner;
  /** Default idle time-to-live in seconds. */
  private readonly ttl: number;

  constructor(engine: Engine, scripts: ScriptRunner, ttl: number) {
    this.engine = engine;
    this.scripts = scripts;
    this.ttl = ttl;
  }

  /** Subscribes to a stream, or looks at one that is subscribed. @throws Problem `unavailable` */
  async add(name: string): Promise<Position> {
    const channel = channelOf(name);
    let stream = this.watched.get(channel);
    if (stream === undefined) {
      stream = {
        name: copyString(name),
        group: groupOf(name),
        channel,
        connection: undefined,
        wasSubscribed: false,
        newest: 0,
        deadline: 0,
        renewed: 0,
        isAnnounced: false,
        isExpiring: false,
      };
      this.watched.set(channel, stream);
    }
    const { cursor, ttl, left, count } = await this.open(stream);
    return { cursor, ttl, left, count };
  }

  remove(name: string): void {
    const channel = channelOf(name);
    const stream = this.watched.get(channel);
    this.watched.delete(channel);
    // If that fails, the connection is lost, and the subscription with it.
    stream?.connection?.unsubscribe(channel).catch(() => {});
  }

  /** Returns the position of a stream, subscribed or not. @throws Problem `unavailable` */
  async look(name: string): Promise<Position> {
    return this.readLook(await this.scripts.run(POSITION_OF, name));
  }

  /** Announces and deletes streams that expire. Called about once a second. */
  onTimer(): void {
    const now = this.scripts.now();
    for (const stream of this.watched.values()) {
      const seconds = dueNotice(stream, now);
      if (seconds !== undefined) this.listener?.expiring(stream.name, seconds);
      if (stream.deadline !== 0 && stream.deadline <= now) void this.expire(stream);
    }
    void this.resubscribe();
  }

  /** Reports what arrived on a channel. */
  onMessage(channel: string, payload: string): void {
    const stream = this.watched.get(channel);
    const news = parseNews(payload);
    if (stream === undefined || news === undefined) return;
    switch (news.kind) {
      case "message": {
        const { created, deadline, entry } = news;
        const previous = previousOf(entry);
        // Not of the same history: a primary that was replaced while it was stopped says it. What is true can be read.
        if (created > stream.newest && previous < stream.newest) return void this.verify(stream);
        renew(stream, deadline, this.scripts.now());
        stream.newest = Math.max(stream.newest, created);
        const message = storedMessage(stream.name, created, this.scripts.server, entry);
        return this.listener?.published(message, previous);
      }
      case "created":
        renew(stream, news.deadline, this.scripts.now());
        return this.listener?.created(stream.name, news.ttl);
      case "ended":
        forget(stream);
        this.listener?.ended(stream.name, news.reason);
    }
  }

  /** The engine ended a subscription, because the channel belongs to another node. */
  onUnsubscribed(channel: string): void {
    const stream = this.watched.get(channel);
    if (stream !== undefined) stream.connection = undefined;
    void this.resubscribe();
  }

  /** Subscribes again what was subscribed on a connection that is lost or no longer the right one. */
  async resubscribe(): Promise<void> {
    if (this.isResubscribing) return;
    this.isResubscribing = true;
    try {
      for (;;) {
        const lost = [...this.watched.values()].filter((stream) => this.isLost(stream));
        if (lost.length === 0) return;
        await Promise.all(lost.slice(0, RESUBSCRIBED).map((stream) => this.resume(stream)));
      }
    } catch {
      // The timer tries again.
    } finally {
      this.isResubscribing = false;
    }
  }

  /** A stream that is being subscribed for the first time is none of them: its subscribers wait, and may give up. */
  private isLost({ group, connection, wasSubscribed }: WatchedStream): boolean {
    const current = this.engine.connectionOf(group);
    return current !== undefined && connection !== current && wasSubscribed;
  }

  private async resume(stream: WatchedStream): Promise<void> {
    const existed = stream.deadline !== 0;
    const found = await this.open(stream);
    if (this.watched.get(stream.channel) !== stream) return;
    if (existed && found.deadline === 0) {
      forget(stream);
      this.listener?.ended(stream.name, "idle");
    }
    this.listener?.resumed(stream.name, found.cursor);
  }

  /** Reports where a stream is, so that what is missing is read. */
  private async verify(stream: WatchedStream): Promise<void> {
    try {
      const { cursor } = await this.open(stream);
      this.listener?.resumed(stream.name, cursor);
    } catch {
      // The connection is lost: it is subscribed again.
    }
  }

  private open(stream: WatchedStream): Promise<Look> {
    return this.engine.persist(stream.group, async (connection) => {
      const isNew = stream.connection !== connection;
      const confirmed = isNew ? connection.subscribe(stream.channel) : undefined;
      // Its failure is noticed below.
      confirmed?.catch(() => {});
      const found = this.readLook(await this.scripts.runOn(connection, POSITION_OF, stream.name));
      await confirmed;
      if (this.watched.get(stream.channel) === stream) this.opened(stream, connection, found);
      // Unless it was subscribed again meanwhile, on this connection.
      else if (isNew && !this.watched.has(stream.channel))
        connection.unsubscribe(stream.channel).catch(() => {});
      return found;
    });
  }

  private opened(stream: WatchedStream, connection: Connection, { deadline, newest, isUsed }: Look): void {
    if (isUsed) this.engine.markUsed(stream.group);
    stream.connection = connection;
    stream.wasSubscribed = true;
    if (deadline !== 0) renew(stream, deadline, this.scripts.now());
    stream.newest = Math.max(stream.newest, newest);
  }

  private readLook(reply: Reply): Look {
    const [cursor = 0, time = 0, ttl = 0, deadline = 0, count = 0, newest = 0, isUsed = 0] = numbersOf(reply);
    this.scripts.setTime(time);
    const left = deadline === 0 ? undefined : Math.round((deadline - time) / 1000);
    return { cursor, ttl: ttl === 0 ? this.ttl : ttl, left, count, deadline, newest, isUsed: isUsed === 1 };
  }

  /** Lets the engine delete a stream whose deadline has passed. */
  private async expire(stream: WatchedStream): Promise<void> {
    if (stream.isExpiring) return;
    stream.isExpiring = true;
    try {
      const [deadline = 0, time = 0] = numbersOf(await this.scripts.run(EXPIRE, stream.name));
      this.scripts.setTime(time);
      if (deadline !== 0) renew(stream, deadline, time);
    } catch {
      // The timer tries again.
    } finally {
      stream.isExpiring = false;
    }
  }
}

function numbersOf(reply: Reply): number[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]).map(Number) : [];
}
