import { encodeCommand, ReplyError, ReplyParser, type Reply } from "./resp.ts";

/** Where an engine listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** TLS of connections to the engine. */
export interface EngineTls {
  /** Certificates of the authorities to trust, in PEM; undefined: the usual ones. */
  readonly ca: string | undefined;
}

/** The connection to the engine was lost or could not be opened. Commands that were sent may have been executed. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** A command that waits for its reply. Subscriptions are confirmed by a push with `channel`, everything else by a reply. */
interface Pending {
  readonly channel: string | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  /** On the monotonic clock, in milliseconds. */
  readonly since: number;
}

/** Milliseconds to open a connection. */
const CONNECT_TIMEOUT = 2000;

/** Milliseconds without a reply after which a connection counts as lost. */
const REPLY_TIMEOUT = 2000;

export interface ConnectionListener {
  /** A message arrived on a channel that this connection is subscribed to. */
  onMessage(channel: string, payload: string): void;
  /** The engine ended the subscription to a channel: its slot moved to another node. */
  onUnsubscribed(channel: string): void;
  onClose(connection: Connection): void;
}

/**
 * One connection to one node of the engine, for commands and subscriptions alike (version 3 of the protocol): so a reply comes
 * after all news that was published before it, and a connection whose news is lost is lost as a whole. What is sent in one turn
 * of the event loop is written at once.
 */
export class Connection {
  private readonly pending: Pending[] = [];
  /** The first of {@link pending} without a reply. */
  private head = 0;
  private outgoing = "";
  /** What the kernel did not take. */
  private unwritten: Buffer | undefined = undefined;
  private socket: Bun.Socket | undefined = undefined;
  private failure: Error | undefined = undefined;
  /** The engine's clock is this far ahead of the monotonic clock of this process, in microseconds. */
  private ahead = 0;
  private readonly parser = new ReplyParser(
    (reply) => this.onReply(reply),
    (items) => this.onPush(items),
  );
  private readonly listener: ConnectionListener;

  private constructor(listener: ConnectionListener) {
    this.listener = listener;
  }

  /** @throws ConnectionLost */
  static async open(
    { host, port }: Address,
    tls: EngineTls | undefined,
    listener: ConnectionListener,
  ): Promise<Connection> {
    const connection = new Connection(listener);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new ConnectionLost("no answer")), CONNECT_TIMEOUT);
    const attempt = Bun.connect({
      hostname: host,
      port,
      ...(tls && {
        tls: { serverName: host, rejectUnauthorized: true, ...(tls.ca !== undefined && { ca: tls.ca }) },
      }),
      socket: {
        open: (socket) => {
          connection.socket = socket;
          socket.setNoDelay(true);
          if (tls === undefined) resolve();
        },
        handshake: (_socket, success, error) => {
          if (success) resolve();
          else reject(error ?? new ConnectionLost("TLS failed"));
        },
        data: (_socket, bytes) => connection.onData(bytes),
        drain: () => connection.write(),
        close: () => connection.close(new ConnectionLost("connection closed")),
        error: (_socket, error) => connection.close(error),
        end: () => connection.close(new ConnectionLost("connection closed")),
        connectError: (_socket, error) => reject(error),
      },
    });
    attempt.catch((error: unknown) => reject(error));
    try {
      await promise;
    } catch (error) {
      connection.close(new ConnectionLost("cannot connect", { cause: error }));
      // A connection that opens after all is closed.
      void attempt.then(
        (socket) => socket.terminate(),
        () => {},
      );
      throw new ConnectionLost(messageOf(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
    return connection;
  }

  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /** Learns the clock of the engine: its time in microseconds, as it was just answered. */
  setTime(time: number): void {
    this.ahead = time - performance.now() * 1000;
  }

  /** When a command that is sent now will not be waited for any longer, on the clock of the engine in microseconds. */
  get latest(): number {
    return Math.round(this.ahead + (performance.now() + REPLY_TIMEOUT) * 1000);
  }

  /** Sends a command. @throws ConnectionLost, {@link ReplyError} */
  send(args: readonly string[], channel?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.pending.push({ channel, resolve, reject, since: performance.now() });
      if (this.outgoing === "") setImmediate(() => this.flush());
      this.outgoing += encodeCommand(args);
    });
  }

  /** Subscribes to a channel. Resolves when the engine has confirmed it. */
  async subscribe(channel: string): Promise<void> {
    await this.send(["SSUBSCRIBE", channel], channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.send(["SUNSUBSCRIBE", channel], channel);
  }

  /** Closes the connection if the engine has not answered for {@link REPLY_TIMEOUT}. */
  checkTimeout(): void {
    const oldest = this.pending[this.head];
    if (oldest !== undefined && performance.now() - oldest.since > REPLY_TIMEOUT)
      this.close(new ConnectionLost("no answer"));
  }

  close(error: Error = new ConnectionLost("connection closed")): void {
    if (this.failure !== undefined) return;
    this.failure =
      error instanceof ConnectionLost ? error : new ConnectionLost(messageOf(error), { cause: error });
    this.socket?.terminate();
    const lost = this.pending.splice(this.head);
    this.pending.length = 0;
    this.head = 0;
    this.outgoing = "";
    for (const { reject } of lost) reject(this.failure);
    this.listener.onClose(this);
  }

  private flush(): void {
    if (this.failure !== undefined || this.unwritten !== undefined || this.outgoing === "") return;
    this.unwritten = Buffer.from(this.outgoing);
    this.outgoing = "";
    this.write();
  }

  /** Writes what is left, in pieces as the kernel takes them. */
  private write(): void {
    while (this.unwritten !== undefined && this.failure === undefined) {
      const written = this.socket?.write(this.unwritten) ?? 0;
      if (written < 0) return this.close(new ConnectionLost("connection closed"));
      if (written < this.unwritten.length) {
        this.unwritten = this.unwritten.subarray(written);
        return;
      }
      this.unwritten = undefined;
      this.flush();
    }
  }

  private onData(bytes: Buffer): void {
    if (this.failure !== undefined) return;
    try {
      this.parser.parse(bytes);
    } catch (error) {
      this.close(error instanceof Error ? error : new Error("malformed reply", { cause: error }));
    }
  }

  private onReply(reply: Reply): void {
    const answered = this.take();
    if (reply instanceof ReplyError) answered?.reject(reply);
    else answered?.resolve(reply);
  }

  private onPush([kind, channel, payload]: readonly Reply[]): void {
    if (typeof channel !== "string") return;
    if (kind === "smessage") {
      if (typeof payload === "string") this.listener.onMessage(channel, payload);
    } else if (kind === "ssubscribe" || kind === "sunsubscribe") {
      // Confirmations come in the order of replies; what was not asked for comes any time.
      if (this.pending[this.head]?.channel === channel) this.take()?.resolve(null);
      else if (kind === "sunsubscribe") this.listener.onUnsubscribed(channel);
    }
  }

  private take(): Pending | undefined {
    const taken = this.pending[this.head];
    this.head++;
    if (this.head === this.pending.length) {
      this.pending.length = 0;
      this.head = 0;
    } else if (this.head >= 1024 && 2 * this.head > this.pending.length) {
      this.pending.splice(0, this.head);
      this.head = 0;
    }
    return taken;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}
