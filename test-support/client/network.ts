import { createServer, connect, type Server, type Socket } from "node:net";

/** Traffic that the proxy blocks. `events` holds back the responses to `GET /events`. */
export type Filter = "nothing" | "websockets" | "events";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  stalled: boolean;
  /** Bytes still forwarded to the client before the connection is cut. */
  left: number;
  /** Whether responses are held back. */
  held: boolean;
}

/** A TCP proxy that injects network faults on demand. */
export class Network implements Disposable {
  filter: Filter = "nothing";
  upgrades = 0;
  blocked = false;
  /** The client ports of the connections accepted since {@link forget}. */
  readonly accepted = new Set<number>();
  /** Bytes from the server after which each of the next connections is cut. */
  readonly fuses: number[] = [];
  private readonly pairs = new Set<Pair>();
  private readonly listener: Server;

  private constructor(target: number) {
    this.listener = createServer((client) => this.accept(client, target));
  }

  static async open(target: number): Promise<Network> {
    const network = new Network(target);
    await new Promise<void>((resolve) => {
      network.listener.listen(0, "127.0.0.1", resolve);
    });
    return network;
  }

  get port(): number {
    const address = this.listener.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Drops all further traffic of the open connections, without closing them. */
  stall(): void {
    for (const pair of this.pairs) pair.stalled = true;
  }

  /** Cuts each open connection after `bytes` more bytes from the server. */
  cut(bytes: number): void {
    for (const pair of this.pairs) pair.left = bytes;
  }

  /** Closes all connections and rejects new ones. */
  block(): void {
    this.blocked = true;
    for (const pair of this.pairs) end(pair);
  }

  /**
   * Accepts connections again. Ends the stalled ones: a browser may have opened one in reserve, whose next request nobody would
   * answer.
   */
  unblock(): void {
    this.blocked = false;
    for (const pair of this.pairs) {
      if (!pair.stalled) continue;
      this.pairs.delete(pair);
      end(pair);
    }
  }

  forget(): void {
    this.accepted.clear();
  }

  /** Counts the accepted connections that `ss` lists as established. */
  countOpen(): number {
    const { stdout } = Bun.spawnSync(["ss", "-Htn", "state", "established", `sport = :${this.port}`]);
    const ports = stdout.toString().matchAll(/:(\d+)\s*$/gm);
    return Array.from(ports).filter(([, port]) => this.accepted.has(Number(port))).length;
  }

  [Symbol.dispose](): void {
    this.block();
    this.listener.close();
  }

  private accept(client: Socket, target: number): void {
    if (this.blocked) return void client.destroy();
    if (client.remotePort !== undefined) this.accepted.add(client.remotePort);
    const server = connect(target, "127.0.0.1");
    const left = this.fuses.shift() ?? Number.POSITIVE_INFINITY;
    const pair: Pair = { client, server, stalled: false, left, held: false };
    this.pairs.add(pair);
    const close = () => {
      // In a stalled network neither end learns that the other closed.
      if (pair.stalled && !this.blocked) return;
      this.pairs.delete(pair);
      end(pair);
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", close);
      socket.on("close", close);
    }
    client.on("data", (bytes) => {
      if (!pair.stalled) this.upstream(pair, Buffer.from(bytes));
    });
    server.on("data", (bytes) => {
      if (!pair.stalled && !pair.held) downstream(pair, Buffer.from(bytes));
    });
  }

  private upstream(pair: Pair, bytes: Buffer): void {
    const head = bytes.toString("latin1");
    const upgrades = /^upgrade: *websocket/im.test(head);
    if (upgrades) this.upgrades++;
    if (upgrades && this.filter === "websockets") {
      pair.client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    if (this.filter === "events" && !upgrades) pair.held = head.startsWith("GET /events");
    pair.server.write(bytes);
  }
}

function downstream(pair: Pair, bytes: Buffer): void {
  pair.client.write(bytes.subarray(0, pair.left));
  pair.left -= bytes.length;
  if (pair.left <= 0) end(pair);
}

function end({ client, server }: Pair): void {
  // Flush first: the cut may be in the middle of a frame, but comes after exactly the bytes allowed.
  client.destroySoon();
  server.destroy();
}
