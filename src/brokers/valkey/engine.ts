import { Problem } from "../../protocol/problem.ts";
import { ConnectionLost, type Address, type Connection } from "./connection.ts";
import { EngineNode, nameOf, type Credentials } from "./engine-node.ts";
import { GROUPS, groupKey, slotOf } from "./groups.ts";
import { ReplyError, type Reply } from "./resp.ts";
import type { Script } from "./scripts.ts";

/** How long an operation waits for a node that is lost, in milliseconds. Once one is lost for longer, operations fail at once. */
const PATIENCE = 3000;

/** Milliseconds between two attempts while the engine says that it cannot do it now. */
const PAUSE = 100;

/** Milliseconds between two looks at the connections, and at the nodes of a cluster. */
const TICK = 250;
const REFRESH_INTERVAL = 1000;

/**
 * The engine answers these while a cluster changes, or a node starts. ASK is not followed: part of a group would be on either node,
 * and scripts need all of it. They wait until the slot has moved.
 */
const PASSING = [
  "LOADING",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "MASTERDOWN",
  "NOREPLICAS",
  "BUSY",
  "ASK",
  "LATE",
  "EMPTY",
];

export interface EngineListener {
  onMessage(channel: string, payload: string): void;
  /** A group may be on another node or connection than before. */
  onRoutesChanged(): void;
  /** The engine ended the subscription to a channel. */
  onUnsubscribed(channel: string): void;
  warn(text: string): void;
  info(text: string): void;
}

/**
 * A standalone engine or a cluster: routes each group to the node that has it, repeats what a failover interrupts, and learns
 * where groups went. Of several standalone engines, the first that is a primary is used.
 */
export class Engine {
  private readonly nodes = new Map<string, EngineNode>();
  private readonly routes: (EngineNode | undefined)[] = Array.from({ length: GROUPS });
  /** 1 for each group that is known to be in use. */
  private readonly used = new Uint8Array(GROUPS);
  private isCluster = false;
  private refreshing: Promise<void> | undefined = undefined;
  private refreshedAt = 0;
  /** Since when not all groups can be reached, on the monotonic clock; undefined: they can. */
  private downSince: number | undefined = performance.now();
  private wasReady = false;
  private waiting: (() => void)[] = [];
  private readonly timer: ReturnType<typeof setInterval>;

  private readonly seeds: readonly Address[];
  private readonly credentials: Credentials;
  private readonly listener: EngineListener;

  constructor(seeds: readonly Address[], credentials: Credentials, listener: EngineListener) {
    this.seeds = seeds;
    this.credentials = credentials;
    this.listener = listener;
    for (const address of this.seeds) this.nodeAt(address);
    this.timer = setInterval(() => this.onTimer(), TICK);
    this.timer.unref();
  }

  /** Whether every group can be reached. */
  get isReady(): boolean {
    return this.downSince === undefined;
  }

  /** Returns the connection to the node of a group, if there is one. */
  connectionOf(group: number): Connection | undefined {
    return this.routes[group]?.connection;
  }

  /**
   * Runs a script for a group. If the answer is lost, runs it with `again`, which must then recognise what was done.
   * @throws Problem `unavailable`, `memory_full`
   */
  run(script: Script, group: number, args: readonly string[], again = args): Promise<Reply> {
    const connection = this.connectionOf(group);
    if (connection === undefined) return this.repeat(script, group, args, again);
    return this.evaluate(connection, script, group, args).catch((error: unknown) =>
      this.repeat(script, group, args, again, error),
    );
  }

  /** Records that there is something in a group. */
  markUsed(group: number): void {
    this.used[group] = 1;
  }

  /** Runs a script on a connection, once. @throws ConnectionLost, {@link ReplyError} */
  async runOn(
    connection: Connection,
    script: Script,
    group: number,
    args: readonly string[],
  ): Promise<Reply> {
    try {
      return await this.evaluate(connection, script, group, args);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return this.evaluate(connection, script, group, args, true);
    }
  }

  /** Sends a command about a group, which may be repeated. @throws Problem `unavailable` */
  async command(group: number, args: readonly string[]): Promise<Reply> {
    const attempt = (connection: Connection) => connection.send(args);
    return this.persist(group, attempt);
  }

  /**
   * Does something with the connection of a group: again after a failure that may pass, on the connection that the group has then.
   * @throws Problem `unavailable`, `memory_full`
   */
  async persist<T>(
    group: number,
    attempt: (connection: Connection, error: unknown) => Promise<T>,
    failure?: unknown,
  ): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    let error = failure;
    for (;;) {
      if (error !== undefined) await this.handle(error, group, deadline);
      const connection = this.connectionOf(group) ?? (await this.waitForConnection(group, deadline));
      try {
        return await attempt(connection, error);
      } catch (caught) {
        error = caught;
      }
    }
  }

  /** Resolves when a connection or a route changes, or after a moment. */
  changed(): Promise<void> {
    return this.change(TICK);
  }

  close(): void {
    clearInterval(this.timer);
    for (const node of this.nodes.values()) node.close();
    this.wake();
  }

  /** `isNew`: the node does not know the script. */
  private evaluate(
    connection: Connection,
    { source, sha }: Script,
    group: number,
    args: readonly string[],
    isNew = false,
  ): Promise<Reply> {
    const script = isNew ? ["EVAL", source] : ["EVALSHA", sha];
    const wasUsed = this.isCluster && this.used[group] === 1 ? "1" : "0";
    return connection.send([...script, "1", groupKey(group), ...args, wasUsed, String(connection.latest)]);
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private repeat(
    script: Script,
    group: number,
    args: readonly string[],
    again: readonly string[],
    failure?: unknown,
  ): Promise<Reply> {
    let mayBeDone = false;
    return this.persist(
      group,
      (connection, error) => {
        mayBeDone ||= error instanceof ConnectionLost;
        return this.evaluate(connection, script, group, mayBeDone ? again : args, isUnknown(error));
      },
      failure,
    );
  }

  /** Waits until another attempt makes sense after this error. @throws Problem if none does, or any other error */
  private async handle(error: unknown, group: number, deadline: number): Promise<void> {
    if (error instanceof ConnectionLost) return;
    if (!(error instanceof ReplyError)) throw error;
    if (error.code === "OOM") throw new Problem("memory_full");
    if (error.code === "NOPERM") {
      this.listener.warn("the engine's user lacks permissions: see docs/several-servers.md");
      throw new Problem("unavailable");
    }
    if (!isPassing(error) && !["NOSCRIPT", "MOVED", "READONLY"].includes(error.code)) throw error;
    if (performance.now() > deadline) {
      if (error.code !== "EMPTY") throw new Problem("unavailable");
      // It stays so: the cluster has lost the group.
      this.used[group] = 0;
    }
    if (error.code === "NOSCRIPT") return;
    if (error.code === "MOVED") this.onMoved(error, group);
    // It was a primary before.
    if (error.code === "READONLY" && !this.isCluster) this.routes[group]?.reconnect();
    void this.refresh();
    await Bun.sleep(error.code === "MOVED" ? 0 : PAUSE);
  }

  /** `MOVED 3999 127.0.0.1:6381`. An empty host is the one that answered. */
  private onMoved(error: ReplyError, group: number): void {
    const [, host = "", port] = /^MOVED [0-9]+ (.*):([0-9]+)$/.exec(error.message) ?? [];
    const from = this.routes[group]?.address.host ?? "";
    if (port !== undefined)
      this.route(group, this.nodeAt({ host: host === "" ? from : host, port: Number(port) }));
  }

  private async waitForConnection(group: number, deadline: number): Promise<Connection> {
    for (;;) {
      const connection = this.connectionOf(group);
      if (connection !== undefined) return connection;
      const now = performance.now();
      if (now > deadline || this.isHopeless(now)) throw new Problem("unavailable");
      await this.change(Math.min(deadline - now, TICK));
    }
  }

  /** Whether there is no point in waiting: the engine is lost for long, or could not be reached at all. */
  private isHopeless(now: number): boolean {
    if (this.downSince === undefined) return false;
    if (this.wasReady) return now > this.downSince + PATIENCE;
    return [...this.nodes.values()].every(({ hasFailed }) => hasFailed);
  }

  /** Resolves when a connection or a route changes, or after some milliseconds. */
  private async change(most: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.push(resolve);
    const timer = setTimeout(resolve, Math.max(most, 1));
    await promise;
    clearTimeout(timer);
  }

  private onTimer(): void {
    for (const node of this.nodes.values()) node.onTimer();
    this.wake();
    if (this.isCluster && performance.now() > this.refreshedAt + REFRESH_INTERVAL) void this.refresh();
  }

  private nodeAt(address: Address): EngineNode {
    const name = nameOf(address);
    const known = this.nodes.get(name);
    if (known !== undefined) return known;
    const node = new EngineNode(address, this.credentials, {
      onMessage: (channel, payload) => this.listener.onMessage(channel, payload),
      onUnsubscribed: (channel) => {
        void this.refresh();
        this.listener.onUnsubscribed(channel);
      },
      onConnected: (connected) => this.onConnected(connected),
      onDisconnected: () => {
        void this.refresh();
        this.onChange();
      },
      onFailed: () => this.wake(),
      warn: (text) => this.listener.warn(text),
      info: (text) => this.listener.info(text),
    });
    this.nodes.set(name, node);
    return node;
  }

  private onConnected(node: EngineNode): void {
    if (node.info?.isCluster === true) {
      this.isCluster = true;
      void this.refresh();
      return this.onChange();
    }
    this.isCluster = false;
    const primary = [...this.nodes.values()].find(({ connection }) => connection !== undefined);
    if (primary !== undefined) this.routes.fill(primary);
    this.onChange();
  }

  /** Asks a node of the cluster which node has which slots. */
  private refresh(): Promise<void> {
    if (!this.isCluster) return Promise.resolve();
    return (this.refreshing ??= this.askForSlots().finally(() => {
      this.refreshing = undefined;
      this.refreshedAt = performance.now();
    }));
  }

  private async askForSlots(): Promise<void> {
    for (const node of this.nodes.values()) {
      const { connection } = node;
      if (connection === undefined) continue;
      try {
        return this.applySlots(await connection.send(["CLUSTER", "SLOTS"]), node.address.host);
      } catch (error) {
        if (!(error instanceof ConnectionLost) && !(error instanceof ReplyError)) throw error;
      }
    }
  }

  /** `[[first, last, [host, port, …], replicas…], …]` */
  private applySlots(reply: Reply, asked: string): void {
    if (!Array.isArray(reply)) return;
    const used = new Set(this.seeds.map(nameOf));
    for (const range of reply as readonly Reply[]) {
      if (!Array.isArray(range)) continue;
      const [first, last, primary] = range as readonly Reply[];
      if (!Array.isArray(primary)) continue;
      const [host, port] = primary as readonly Reply[];
      const address = { host: typeof host === "string" && host !== "" ? host : asked, port: Number(port) };
      used.add(nameOf(address));
      for (let group = 0; group < GROUPS; group++) {
        const slot = slotOf(group);
        if (slot >= Number(first) && slot <= Number(last)) this.route(group, this.nodeAt(address));
      }
    }
    for (const [name, node] of this.nodes) {
      if (used.has(name) || this.routes.includes(node)) continue;
      this.nodes.delete(name);
      node.close();
    }
    this.onChange();
  }

  private route(group: number, node: EngineNode): void {
    this.routes[group] = node;
  }

  private onChange(): void {
    const isDown = this.routes.some((node) => node?.connection === undefined);
    this.wasReady ||= !isDown;
    this.downSince = isDown ? (this.downSince ?? performance.now()) : undefined;
    this.wake();
    this.listener.onRoutesChanged();
  }
}

function isPassing({ code, message }: ReplyError): boolean {
  // Of a slot that moves.
  return PASSING.includes(code) || message.includes("non local key") || message.includes("-TRYAGAIN");
}

function isUnknown(error: unknown): boolean {
  return error instanceof ReplyError && error.code === "NOSCRIPT";
}
