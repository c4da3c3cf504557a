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
import { contentOf } from "../../core/content.ts";
import type { Message } from "../../core/message.ts";
import { Page } from "../../core/page.ts";
import { randomLetters, randomSecret } from "../../core/random.ts";
import type { CheckedMessage } from "../../protocol/checked-message.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { isSealed, isUnlisted } from "../../protocol/name.ts";
import { Problem } from "../../protocol/problem.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { Address } from "./connection.ts";
import type { Credentials } from "./engine-node.ts";
import { Engine, type EngineListener } from "./engine.ts";
import { idOf, messagesOf, newMessage } from "./entry.ts";
import { ExpiredStreams } from "./expired-streams.ts";
import { groupOf } from "./groups.ts";
import type { Reply } from "./resp.ts";
import { ScriptRunner, type ScriptRunnerOptions } from "./script-runner.ts";
import { CREATE_STREAM, END, PAGE, PUBLISH, REPLAY, type Script } from "./scripts.ts";
import { StreamList } from "./stream-list.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Settings of the operator. */
export interface ValkeyBrokerOptions extends ScriptRunnerOptions {
  /** Default idle time-to-live in seconds. */
  readonly ttl: number;
  /** One or more nodes of the engine. */
  readonly nodes: readonly Address[];
  readonly credentials: Credentials;
  /** Tells the operator something. `warn`, too; neither contains anything of a client. */
  readonly info: (text: string) => void;
  /** For how long a list of streams is used again, in milliseconds. */
  readonly listAge?: number;
}

/**
 * Keeps streams in the memory of Valkey or Redis, for several servers. The engine is the one authority: its clock numbers messages
 * and decides when streams expire.
 */
export class ValkeyBroker implements Broker, EngineListener {
  private readonly engine: Engine;
  private readonly scripts: ScriptRunner;
  private readonly subscriptions: Subscriptions;
  private readonly expired: ExpiredStreams;
  private readonly streams: StreamList;
  /** Distinguishes what this server publishes and creates. */
  private readonly nonce = randomLetters(6);
  private count = 0;

  private readonly options: ValkeyBrokerOptions;

  constructor(options: ValkeyBrokerOptions, clock: Clock) {
    this.options = options;
    this.engine = new Engine(options.nodes, options.credentials, this);
    this.scripts = new ScriptRunner(this.engine, options, clock);
    this.subscriptions = new Subscriptions(this.engine, this.scripts, options.ttl);
    this.expired = new ExpiredStreams(this.engine, this.scripts, clock);
    this.streams = new StreamList(this.scripts, clock, options.listAge ?? 1000);
  }

  get server(): string {
    return this.scripts.server;
  }

  isReady(stream?: string): boolean {
    if (!this.scripts.isKnown) return false;
    return stream === undefined
      ? this.engine.isReady
      : this.engine.connectionOf(groupOf(stream)) !== undefined;
  }

  /** Resolves when the engine can be used, or was tried again. */
  reached(): Promise<void> {
    return this.engine.changed();
  }

  listen(listener: BrokerListener): void {
    this.subscriptions.listener = listener;
  }

  subscribe(name: string): Promise<Position> {
    return this.subscriptions.add(name);
  }

  unsubscribe(name: string): void {
    this.subscriptions.remove(name);
  }

  async create(request: StreamRequest): Promise<CreatedStream> {
    const { name, payer } = request;
    for (;;) {
      // The dot keeps it unlisted also when it has expired and a message creates it again.
      const chosen = name ?? (request.private ? `.${randomSecret()}` : randomLetters(8));
      const isPrivate = request.private || isUnlisted(chosen);
      const owner = isSealed(chosen) ? undefined : randomSecret();
      const ttl = request.ttl ?? this.options.ttl;
      const args = [
        `${ttl}`,
        isPrivate ? "1" : "0",
        owner === undefined ? "" : hashOf(owner),
        this.nextNonce(),
      ];
      const create = (mayCreate: string) => this.store(CREATE_STREAM, chosen, [...args, mayCreate]);
      let result = await create(payer === undefined ? "1" : "0");
      if (result === "absent") {
        payer?.admitStream();
        result = await create("1");
      }
      if (result === "ok") return { name: chosen, private: isPrivate, ttl, owner };
      if (name !== undefined) throw new Problem("stream_exists", `Stream "${name}" already exists`);
    }
  }

  async publish(name: string, checked: CheckedMessage, ref = "", payer?: Payer): Promise<Message> {
    const nonce = this.nextNonce();
    const content = contentOf(checked);
    const publish = async (mayCreate: string): Promise<Message | undefined> => {
      const args = (again: string) => [`${this.options.ttl}`, mayCreate, ref, nonce, again, content];
      const [result, created] = itemsOf(await this.store(PUBLISH, name, args("0"), args("1")));
      if (result === "reused") throw new Problem("ref_reused");
      if (result === "ok") this.engine.markUsed(groupOf(name));
      return result === "ok" ? newMessage(name, Number(created), this.server, content) : undefined;
    };
    const message = await publish(payer === undefined ? "1" : "0");
    if (message !== undefined) return message;
    payer?.admitStream();
    const created = await publish("1");
    if (created === undefined) throw new Error("unexpected reply of the engine");
    return created;
  }

  async page(name: string, query: PageQuery): Promise<Page> {
    const args = this.pageArguments(name, query);
    if (args === undefined) return new Page([], (await this.subscriptions.look(name)).cursor);
    const [position, entries] = itemsOf(await this.scripts.run(PAGE, name, args));
    const messages = messagesOf(name, this.server, entries);
    if (query.kind === "newest" && query.order === "oldest first") messages.reverse();
    return new Page(messages, Number(position));
  }

  async replay(name: string, cursor: Cursor, limit: number): Promise<Replay> {
    const reply = await this.scripts.run(REPLAY, name, [String(cursor), String(limit)]);
    const [position, from, to, entries] = itemsOf(reply);
    const messages = messagesOf(name, this.server, entries);
    const gap = to === 0 ? undefined : { from: Number(from), to: Number(to) };
    const last = messages.length === limit ? messages.at(-1)?.created : undefined;
    return { gap, messages, cursor: last ?? Number(position) };
  }

  list(limit: number, prefix: string): Promise<StreamInfo[]> {
    return this.streams.read(limit, prefix);
  }

  async end(name: string, owner?: string): Promise<void> {
    const result = await this.scripts.run(END, name, [owner === undefined ? "" : hashOf(owner)]);
    if (result === "wrong") throw new Problem("token_wrong");
    if (result !== "ok") throw new Problem("not_found", "No such stream");
  }

  onTimer(): boolean {
    this.subscriptions.onTimer();
    this.streams.onTimer();
    void this.expired.sweep();
    return false;
  }

  /** Closes all connections. The broker cannot be used afterwards. */
  close(): void {
    this.engine.close();
  }

  /** See {@link EngineListener}. */
  onMessage(channel: string, payload: string): void {
    this.subscriptions.onMessage(channel, payload);
  }

  onUnsubscribed(channel: string): void {
    this.subscriptions.onUnsubscribed(channel);
  }

  onRoutesChanged(): void {
    // The engine may have lost everything, what all servers share included.
    if (this.engine.connectionOf(0) !== undefined) this.scripts.find().catch(() => {});
    void this.subscriptions.resubscribe();
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
      return await this.scripts.run(script, name, args, again);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "memory_full") throw error;
      await this.expired.free();
      return this.scripts.run(script, name, args, again);
    }
  }

  /** The kind, cursor and limit of a page; undefined for an id of another server. */
  private pageArguments(name: string, query: PageQuery): string[] | undefined {
    if (query.kind === "newest") return ["newest", "0", String(query.limit)];
    if (query.kind !== "one") return [query.kind, String(query.cursor), String(query.limit)];
    const created = Number.parseInt(query.id, 10);
    const isOwn = idOf(created, groupOf(name), this.server) === query.id;
    return isOwn ? ["one", String(created), "1"] : undefined;
  }

  private nextNonce(): string {
    return `${this.nonce}${(this.count++).toString(36)}`;
  }
}

function itemsOf(reply: Reply): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}

/** Of a token, the engine keeps only a hash. */
function hashOf(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("hex");
}
