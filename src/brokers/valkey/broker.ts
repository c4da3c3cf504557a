import type {
  Broker,
  BrokerListener,
  CreatedStream,
  Payer,
  Position,
  Replay,
  StreamInfo,
  StreamRequest,
} from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { copyString } from "../../core/copy-string.ts";
import type { Message } from "../../core/message.ts";
import { Page } from "../../core/page.ts";
import { randomLetters, randomSecret } from "../../core/random.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { isSealed, isUnlisted } from "../../protocol/name.ts";
import { Problem } from "../../protocol/problem.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { CheckedText } from "../../protocol/text.ts";
import type { Address, Connection } from "./connection.ts";
import { Engine, type EngineListener } from "./engine.ts";
import type { Credentials } from "./engine-node.ts";
import { idOf, messageOf, messagesOf, parseNews, previousOf } from "./entry.ts";
import { channelOf, groupKey, groupOf, GROUPS } from "./groups.ts";
import type { Reply } from "./resp.ts";
import {
  CREATE_STREAM,
  END,
  EXPIRE,
  LIST,
  PAGE,
  POSITION_OF,
  PUBLISH,
  REPLAY,
  SWEEP,
  type Script,
} from "./scripts.ts";
import { dueNotice, forget, renew, type WatchedStream } from "./watched-streams.ts";

/** Settings of the operator. */
export interface ValkeyBrokerOptions {
  /** Default idle time-to-live in seconds. */
  readonly ttl: number;
  /** One or more nodes of the engine. */
  readonly nodes: readonly Address[];
  readonly credentials: Credentials;
  readonly warn: (text: string) => void;
  readonly info: (text: string) => void;
  /** The time of the engine in microseconds, for tests. By default the engine's own clock. */
  readonly engineTime?: () => Cursor;
  /** For how long a list of streams is used again, in milliseconds. */
  readonly listAge?: number;
}

/** Groups whose expired streams are deleted per second. */
const SWEPT = 16;

/** Expired streams of a group to delete in one step. */
const MAX_SWEPT = 100;

/** Milliseconds between two attempts to make room when memory is full. */
const FREE_INTERVAL = 1000;

/** Streams to subscribe again at a time after the connection was lost. */
const RESUBSCRIBED = 256;

/** What the engine keeps for all servers: the name of the group of servers and a salt. */
interface Origin {
  readonly server: string;
  readonly salt: string;
}

/**
 * Keeps streams in the memory of Valkey or Redis, for several servers. The engine is the one authority: its clock numbers messages
 * and decides when streams expire.
 */
export class ValkeyBroker implements Broker, EngineListener {
  private readonly engine: Engine;
  /** By channel. */
  private readonly watched = new Map<string, WatchedStream>();
  private listener: BrokerListener | undefined = undefined;
  /** Undefined until the engine was reached. */
  private origin: Origin | undefined = undefined;
  private findingOrigin: Promise<Origin> | undefined = undefined;
  /** What to propose to an engine that has none. */
  private proposal: Origin = { server: randomLetters(8), salt: randomSecret() };
  /** The engine's clock is this far ahead of the monotonic clock, in microseconds. */
  private ahead = 0;
  /** Distinguishes what this server publishes. */
  private readonly nonce = randomLetters(6);
  private published = 0;
  private swept = 0;
  private isSweeping = false;
  /** Deletes all that has expired, because memory is full; begun at this time. */
  private freeing: Promise<unknown> = Promise.resolve();
  private freedAt = Number.NEGATIVE_INFINITY;
  private isResubscribing = false;
  private readonly lists = new Map<
    string,
    { readonly at: number; readonly streams: Promise<StreamInfo[]> }
  >();
  private readonly listAge: number;

  private readonly options: ValkeyBrokerOptions;
  private readonly clock: Clock;

  constructor(options: ValkeyBrokerOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
    this.listAge = options.listAge ?? 1000;
    this.engine = new Engine(options.nodes, options.credentials, this);
  }

  /** Before the engine was reached for the first time, a name that no cursor can have. */
  get server(): string {
    return (this.origin ?? this.proposal).server;
  }

  isReady(stream?: string): boolean {
    if (this.origin === undefined) return false;
    return stream === undefined
      ? this.engine.isReady
      : this.engine.connectionOf(groupOf(stream)) !== undefined;
  }

  /** Resolves when the engine can be used, or was tried again. */
  reached(): Promise<void> {
    return this.engine.changed();
  }

  listen(listener: BrokerListener): void {
    this.listener = listener;
  }

  async subscribe(name: string): Promise<Position> {
    const channel = channelOf(name);
    let stream = this.watched.get(channel);
    if (stream === undefined) {
      stream = {
        name: copyString(name),
        group: groupOf(name),
        channel,
        connection: undefined,
        isSubscribing: false,
        newest: 0,
        deadline: 0,
        renewed: 0,
        isAnnounced: false,
        isExpiring: false,
      };
      this.watched.set(channel, stream);
    }
    await this.knowOrigin();
    const found = await this.open(stream);
    return { cursor: found.cursor, ttl: found.ttl };
  }

  unsubscribe(name: string): void {
    const channel = channelOf(name);
    const stream = this.watched.get(channel);
    this.watched.delete(channel);
    // If that fails, the connection is lost, and the subscription with it.
    stream?.connection?.unsubscribe(channel).catch(() => {});
  }

  async create(request: StreamRequest): Promise<CreatedStream> {
    const { name, payer } = request;
    for (;;) {
      const chosen = name ?? (request.private ? `.${randomSecret()}` : randomLetters(8));
      const isPrivate = request.private || isUnlisted(chosen);
      const owner = isSealed(chosen) ? undefined : randomSecret();
      const ttl = request.ttl ?? this.options.ttl;
      const args = [
        String(ttl),
        isPrivate ? "1" : "0",
        owner === undefined ? "" : hashOf(owner),
        this.nextNonce(),
      ];
      let result = await this.store(CREATE_STREAM, chosen, [...args, payer === undefined ? "1" : "0"]);
      if (result === "absent") {
        payer?.admitStream();
        result = await this.store(CREATE_STREAM, chosen, [...args, "1"]);
      }
      if (result === "ok") return { name: chosen, private: isPrivate, ttl, owner };
      if (name !== undefined) throw new Problem("stream_exists", `Stream "${name}" already exists`);
    }
  }

  async publish(name: string, { escaped }: CheckedText, ref = "", payer?: Payer): Promise<Message> {
    const nonce = this.nextNonce();
    const attempt = async (mayCreate: string): Promise<Message | undefined> => {
      const args = (again: string) => [String(this.options.ttl), mayCreate, ref, nonce, again, "", escaped];
      const reply = await this.store(PUBLISH, name, args("0"), args("1"));
      const [result, created] = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
      if (result === "ok") return messageOf(name, Number(created), this.server, `0 \n\n${escaped}`);
      if (result === "reused") throw new Problem("ref_reused");
      return undefined;
    };
    const message = await attempt(payer === undefined ? "1" : "0");
    if (message !== undefined) return message;
    payer?.admitStream();
    const created = await attempt("1");
    if (created === undefined) throw new Error("unexpected reply");
    return created;
  }

  async page(name: string, query: PageQuery): Promise<Page> {
    const asked = this.pageArguments(name, query);
    if (asked === undefined) return new Page([], (await this.look(name)).cursor);
    const reply = await this.run(PAGE, name, asked);
    const [position, entries] = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
    const messages = messagesOf(name, this.server, entries);
    if (query.kind === "newest" && query.order === "oldest first") messages.reverse();
    return new Page(messages, Number(position));
  }

  async replay(name: string, cursor: Cursor, limit: number): Promise<Replay> {
    const reply = await this.run(REPLAY, name, [String(cursor), String(limit)]);
    const [position, from, to, entries] = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
    const messages = messagesOf(name, this.server, entries);
    const gap = to === 0 ? undefined : { from: Number(from), to: Number(to) };
    const last = messages.length === limit ? messages.at(-1)?.created : undefined;
    return { gap, messages, cursor: last ?? Number(position) };
  }

  list(limit: number, prefix: string): Promise<StreamInfo[]> {
    const now = this.clock.monotonic();
    const key = `${limit} ${prefix}`;
    const known = this.lists.get(key);
    if (known !== undefined && now < known.at + this.listAge) return known.streams;
    const streams = this.readList(limit, prefix);
    this.lists.set(key, { at: now, streams });
    streams.catch(() => this.lists.delete(key));
    return streams;
  }

  async end(name: string, owner?: string): Promise<void> {
    const result = await this.run(END, name, [owner === undefined ? "" : hashOf(owner)]);
    if (result === "wrong") throw new Problem("token_wrong");
    if (result !== "ok") throw new Problem("not_found", "No such stream");
  }

  onTimer(): boolean {
    const now = this.engineNow();
    for (const stream of this.watched.values()) {
      const seconds = dueNotice(stream, now);
      if (seconds !== undefined) this.listener?.expiring(stream.name, seconds);
      if (stream.deadline !== 0 && stream.deadline <= now) void this.expire(stream);
    }
    for (const [key, { at }] of this.lists)
      if (this.clock.monotonic() >= at + this.listAge) this.lists.delete(key);
    void this.sweep();
    void this.resubscribe();
    return false;
  }

  /** Closes all connections. The broker cannot be used afterwards. */
  close(): void {
    this.engine.close();
  }

  onMessage(channel: string, payload: string): void {
    const stream = this.watched.get(channel);
    const news = parseNews(payload);
    if (stream === undefined || news === undefined) return;
    switch (news.kind) {
      case "message": {
        const { created, deadline, entry } = news;
        renew(stream, deadline, this.engineNow());
        stream.newest = Math.max(stream.newest, created);
        this.listener?.published(messageOf(stream.name, created, this.server, entry), previousOf(entry));
        return;
      }
      case "created":
        return renew(stream, news.deadline, this.engineNow());
      case "ended":
        forget(stream);
        this.listener?.ended(stream.name, news.reason);
    }
  }

  onUnsubscribed(channel: string): void {
    const stream = this.watched.get(channel);
    if (stream !== undefined) stream.connection = undefined;
    void this.resubscribe();
  }

  onRoutesChanged(): void {
    // The engine may have lost everything, the origin included.
    if (this.engine.connectionOf(0) !== undefined) this.findOrigin().catch(() => {});
    void this.resubscribe();
  }

  warn(text: string): void {
    this.options.warn(text);
  }

  info(text: string): void {
    this.options.info(text);
  }

  /** Runs a script that needs memory: if it is full, once more after what has expired was deleted. */
  private async store(
    script: Script,
    name: string,
    args: readonly string[],
    again?: readonly string[],
  ): Promise<Reply> {
    try {
      return await this.run(script, name, args, again);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "memory_full") throw error;
      await this.free();
      return this.run(script, name, args, again);
    }
  }

  /** Runs a script about a stream. @throws Problem `unavailable`, `memory_full` */
  private run(
    script: Script,
    name: string,
    args: readonly string[],
    again?: readonly string[],
  ): Promise<Reply> {
    const { origin } = this;
    if (origin === undefined) return this.knowOrigin().then(() => this.run(script, name, args, again));
    const head = [name, origin.salt, this.time()];
    return this.engine.run(script, groupOf(name), [...head, ...args], again && [...head, ...again]);
  }

  private time(): string {
    return this.options.engineTime?.().toString() ?? "";
  }

  private async knowOrigin(): Promise<Origin> {
    return this.origin ?? this.findOrigin();
  }

  /** Finds the origin that all servers of the engine share. The first one proposes it. */
  private findOrigin(): Promise<Origin> {
    return (this.findingOrigin ??= this.proposeOrigin().finally(() => {
      this.findingOrigin = undefined;
    }));
  }

  private async proposeOrigin(): Promise<Origin> {
    const { server, salt } = this.origin ?? this.proposal;
    const key = `${groupKey(0)}:origin`;
    const found = await this.engine.command(0, ["SET", key, `${server} ${salt}`, "NX", "GET"]);
    const [foundServer = "", foundSalt = ""] = typeof found === "string" ? found.split(" ") : [server, salt];
    if (this.origin !== undefined && this.origin.server !== foundServer)
      this.warn("the engine was emptied, and other servers use it already: cursors begin anew");
    if (this.origin?.server !== foundServer) this.origin = { server: foundServer, salt: foundSalt };
    return { server: foundServer, salt: foundSalt };
  }

  /** Subscribes to a stream, or looks at one that is subscribed. */
  private async open(stream: WatchedStream): Promise<Look> {
    return this.engine.persist(stream.group, async (connection) => {
      const isNew = stream.connection !== connection;
      const confirmed = isNew ? connection.subscribe(stream.channel) : undefined;
      // Its failure is noticed below.
      confirmed?.catch(() => {});
      const found = await this.look(stream.name, connection);
      await confirmed;
      if (this.watched.get(stream.channel) !== stream) {
        // It was unsubscribed meanwhile, and perhaps subscribed again, which comes later on this connection.
        if (isNew && !this.watched.has(stream.channel))
          connection.unsubscribe(stream.channel).catch(() => {});
        return found;
      }
      stream.connection = connection;
      if (found.ttl !== 0) renew(stream, found.deadline, found.time);
      stream.newest = Math.max(stream.newest, found.newest);
      return found;
    });
  }

  private async look(name: string, connection?: Connection): Promise<Look> {
    const { salt } = await this.knowOrigin();
    const args = [name, salt, this.time()];
    const reply =
      connection === undefined
        ? await this.engine.run(POSITION_OF, groupOf(name), args)
        : await this.engine.runOn(connection, POSITION_OF, groupOf(name), args);
    const [cursor = 0, time = 0, ttl = 0, deadline = 0, count = 0, newest = 0] = numbersOf(reply);
    this.ahead = time - this.clock.monotonic() * 1000;
    return { cursor, time, ttl: ttl === 0 ? this.options.ttl : ttl, deadline, count, newest };
  }

  /** Subscribes again what was subscribed on a connection that is lost or no longer the right one. */
  private async resubscribe(): Promise<void> {
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

  /** A stream that is subscribed for the first time is none of them: its subscriber waits and may give up. */
  private isLost({ group, connection, newest }: WatchedStream): boolean {
    const current = this.engine.connectionOf(group);
    return current !== undefined && connection !== current && newest !== 0;
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

  /** Lets the engine delete a stream whose deadline has passed. */
  private async expire(stream: WatchedStream): Promise<void> {
    if (stream.isExpiring) return;
    stream.isExpiring = true;
    try {
      const [deadline = 0] = numbersOf(await this.run(EXPIRE, stream.name, []));
      if (deadline !== 0) renew(stream, deadline, this.engineNow());
    } catch {
      // The timer tries again.
    } finally {
      stream.isExpiring = false;
    }
  }

  /** Lets the engine delete expired streams, of a few groups at a time. */
  private async sweep(): Promise<void> {
    if (this.isSweeping || this.origin === undefined) return;
    this.isSweeping = true;
    try {
      for (let i = 0; i < SWEPT; i++) {
        if (!(await this.sweepGroup(this.swept))) this.swept = (this.swept + 1) % GROUPS;
      }
    } catch {
      // The timer tries again.
    } finally {
      this.isSweeping = false;
    }
  }

  /** Lets the engine delete all expired streams, unless that was done within the last second. */
  private async free(): Promise<void> {
    const now = this.clock.monotonic();
    if (now >= this.freedAt + FREE_INTERVAL) {
      this.freedAt = now;
      const groups = Array.from({ length: GROUPS }, (_, group) => group);
      this.freeing = Promise.allSettled(groups.map((group) => this.sweepGroup(group)));
    }
    await this.freeing;
  }

  /** Returns whether there are more. */
  private async sweepGroup(group: number): Promise<boolean> {
    if (this.engine.connectionOf(group) === undefined) return false;
    const { salt } = await this.knowOrigin();
    return (await this.engine.run(SWEEP, group, ["", salt, this.time(), String(MAX_SWEPT)])) === 1;
  }

  private async readList(limit: number, prefix: string): Promise<StreamInfo[]> {
    const { server, salt } = await this.knowOrigin();
    const args = [prefix, salt, this.time()];
    /** About as many as are among the newest, if groups are alike. */
    const few = Math.min(limit, Math.ceil(limit / GROUPS) * 3 + 8);
    const read = async (group: number, count: number) =>
      streamsOf(await this.engine.run(LIST, group, [...args, String(count)]), group, server);
    const groups = await Promise.all(Array.from({ length: GROUPS }, (_, group) => read(group, few)));
    const last = newestOf(groups.flat(), limit)[limit - 1]?.updated ?? 0;
    const complete = await Promise.all(
      groups.map(async (streams, group) => {
        const isCut = streams.length === few && few < limit && (streams.at(-1)?.updated ?? 0) > last;
        return isCut ? read(group, limit) : streams;
      }),
    );
    return newestOf(complete.flat(), limit);
  }

  /** The kind, cursor and limit of a page; undefined for an id of another server. */
  private pageArguments(name: string, query: PageQuery): string[] | undefined {
    if (query.kind === "newest") return ["newest", "0", String(query.limit)];
    if (query.kind !== "one") return [query.kind, String(query.cursor), String(query.limit)];
    const created = Number.parseInt(query.id, 10);
    return idOf(created, groupOf(name), this.server) === query.id ? ["one", String(created), "1"] : undefined;
  }

  private nextNonce(): string {
    return `${this.nonce}${(this.published++).toString(36)}`;
  }

  /** The time of the engine in microseconds, as far as it is known. */
  private engineNow(): number {
    return this.options.engineTime?.() ?? this.clock.monotonic() * 1000 + this.ahead;
  }
}

/** What the engine says of a stream. */
interface Look {
  readonly cursor: Cursor;
  /** On the engine's clock, in microseconds. */
  readonly time: number;
  /** In seconds: the default if the stream does not exist. */
  readonly ttl: number;
  /** 0: it does not exist. */
  readonly deadline: number;
  readonly count: number;
  readonly newest: Cursor;
}

function numbersOf(reply: Reply): number[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]).map(Number) : [];
}

function streamsOf(reply: Reply, group: number, server: string): StreamInfo[] {
  if (!Array.isArray(reply)) return [];
  return (reply as readonly Reply[]).flatMap((each) => {
    if (!Array.isArray(each)) return [];
    const [name, updated, ttl, created] = each as readonly Reply[];
    return [
      {
        name: String(name),
        id: idOf(Number(created), group, server),
        updated: Number(updated),
        ttl: Number(ttl),
      },
    ];
  });
}

function newestOf(streams: readonly StreamInfo[], limit: number): StreamInfo[] {
  return streams.toSorted((a, b) => b.updated - a.updated).slice(0, limit);
}

/** Of a token, the engine keeps only a hash. */
function hashOf(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("hex");
}
