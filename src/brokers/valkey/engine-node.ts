import {
  Connection,
  ConnectionLost,
  type Address,
  type ConnectionListener,
  type EngineTls,
} from "./connection.ts";
import {
  CHECKED_SETTINGS,
  EngineUnusable,
  greetingProblem,
  readInfo,
  settingWarnings,
  type EngineInfo,
} from "./engine-info.ts";
import { ReplyError } from "./resp.ts";

/** How to connect to every node of an engine. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: EngineTls | undefined;
}

/** Milliseconds before the first attempt to reconnect, and the longest. */
const DELAYS = { first: 50, longest: 1000 };

/** Milliseconds between two questions what time it is, which show that the node is alive. */
const PING_INTERVAL = 1000;

export interface NodeListener extends Omit<ConnectionListener, "onClose"> {
  /** The node can be used. */
  onConnected(node: EngineNode): void;
  /** The connection was lost. */
  onDisconnected(node: EngineNode): void;
  /** An attempt to connect failed. */
  onFailed(node: EngineNode): void;
  /** Something the operator should know about the node. */
  warn(text: string): void;
  info(text: string): void;
}

/** One node of the engine: keeps a connection to it open. */
export class EngineNode {
  /** Undefined while there is no connection that can be used. */
  connection: Connection | undefined = undefined;
  /** What the node said of itself when it was last connected. */
  info: EngineInfo | undefined = undefined;
  /** Why it cannot be used, as told to the operator. */
  private problem: string | undefined = undefined;
  /** Warnings about its settings that were given already. */
  private warnings = "";
  private delay = DELAYS.first;
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;
  private pinged = 0;
  private closed = false;

  readonly address: Address;
  private readonly credentials: Credentials;
  private readonly listener: NodeListener;

  constructor(address: Address, credentials: Credentials, listener: NodeListener) {
    this.address = address;
    this.credentials = credentials;
    this.listener = listener;
    void this.connect();
  }

  /** Whether it cannot be used, as far as is known. */
  get hasFailed(): boolean {
    return this.problem !== undefined;
  }

  /** `host:port` */
  get name(): string {
    return nameOf(this.address);
  }

  /** Notices a node that no longer answers. Called a few times a second. */
  onTimer(): void {
    const { connection } = this;
    if (connection === undefined) return;
    connection.checkTimeout();
    const now = performance.now();
    if (!connection.isOpen || now < this.pinged + PING_INTERVAL) return;
    this.pinged = now;
    // A failure closes the connection.
    this.askTime(connection).catch(() => {});
  }

  /** Gives the connection up and opens another, for example because the node is not what it was. */
  reconnect(): void {
    this.connection?.close();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.connection?.close();
  }

  private async connect(): Promise<void> {
    let opened: Connection | undefined;
    try {
      const connection = await Connection.open(this.address, this.credentials.tls, {
        onMessage: (channel, payload) => this.listener.onMessage(channel, payload),
        onUnsubscribed: (channel) => this.listener.onUnsubscribed(channel),
        onClose: (lost) => this.onClose(lost),
      });
      opened = connection;
      // A silent greeting must end, too.
      const watch = setInterval(() => connection.checkTimeout(), PING_INTERVAL / 4);
      try {
        this.info = await this.greet(connection);
      } finally {
        clearInterval(watch);
      }
      if (this.closed) return connection.close();
      this.connection = connection;
      this.delay = DELAYS.first;
      this.pinged = performance.now();
      if (this.problem !== undefined)
        this.listener.info(`${this.info.product} at ${this.name} can be used again`);
      this.problem = undefined;
      this.listener.onConnected(this);
      void this.checkSettings(connection, this.info);
    } catch (error) {
      this.explain(error);
      opened?.close();
      this.listener.onFailed(this);
      this.retry();
    }
  }

  private async greet(connection: Connection): Promise<EngineInfo> {
    const { username, password } = this.credentials;
    const login = password === undefined ? [] : ["AUTH", username ?? "default", password];
    try {
      await connection.send(["HELLO", "3", ...login, "SETNAME", "malten"]);
      const info = readInfo(String(await connection.send(["INFO"])));
      if (info.isReplica && !info.isCluster)
        throw new EngineUnusable("it is a read-only replica. Give the URL of its primary");
      await this.askTime(connection);
      return info;
    } catch (error) {
      throw error instanceof ReplyError ? greetingProblem(error) : error;
    }
  }

  private async askTime(connection: Connection): Promise<void> {
    const reply = await connection.send(["TIME"]);
    const [seconds, microseconds] = Array.isArray(reply) ? reply.map(Number) : [];
    connection.setTime((seconds ?? 0) * 1e6 + (microseconds ?? 0));
  }

  private async checkSettings(connection: Connection, info: EngineInfo): Promise<void> {
    let warnings: string[];
    try {
      warnings = settingWarnings(await connection.send(["CONFIG", "GET", ...CHECKED_SETTINGS]), info);
    } catch (error) {
      if (error instanceof ConnectionLost) return;
      warnings = [
        "its settings cannot be read, so check yourself that it keeps nothing on disk and evicts nothing",
      ];
    }
    const all = warnings.join("\n");
    if (all !== this.warnings)
      for (const warning of warnings) this.listener.warn(`${info.product} at ${this.name}: ${warning}`);
    this.warnings = all;
  }

  private onClose(lost: Connection): void {
    if (lost !== this.connection) return;
    this.connection = undefined;
    this.explain(new ConnectionLost("the connection was lost"));
    this.listener.onDisconnected(this);
    this.retry();
  }

  private retry(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), this.delay);
    this.delay = Math.min(2 * this.delay, DELAYS.longest);
  }

  /** Tells the operator why the node cannot be used, once per reason. */
  private explain(error: unknown): void {
    const problem =
      error instanceof EngineUnusable || error instanceof ConnectionLost
        ? reasonOf(error)
        : "the connection failed";
    if (problem === this.problem || this.closed) return;
    this.problem = problem;
    this.listener.warn(`cannot use the engine at ${this.name}: ${problem}. Trying again until it works`);
  }
}

export function nameOf({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Like `connection refused`, from the error of the system or of TLS. */
function reasonOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && "code" in cause ? String(cause.code) : "";
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    EHOSTUNREACH: "host unreachable",
    ETIMEDOUT: "no answer",
  };
  return known[code] ?? (code === "" ? error.message : code);
}
