// Everything that a server receives and sends, byte for byte.
import { connect, createServer, type Server, type Socket } from "node:net";

/** The bytes of one connection. */
interface Connection {
  readonly received: Buffer[];
  readonly sent: Buffer[];
}

/** A TCP proxy in front of a server that keeps everything that passes. */
export class Capture implements AsyncDisposable {
  private readonly connections: Connection[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly listener: Server;

  private constructor(target: number) {
    this.listener = createServer((client) => this.accept(client, target));
  }

  static async open(target: number): Promise<Capture> {
    const capture = new Capture(target);
    await new Promise<void>((resolve) => {
      capture.listener.listen(0, "127.0.0.1", resolve);
    });
    return capture;
  }

  get url(): string {
    const address = this.listener.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** What passed, as it was on the wire and without what HTTP and WebSockets do to it: pieces and masks. */
  bytes(): Buffer {
    return Buffer.concat(
      this.connections.flatMap((connection) => {
        const [received, sent] = [Buffer.concat(connection.received), Buffer.concat(connection.sent)];
        return [received, sent, ...payloads(received), withoutChunks(received), withoutChunks(sent)];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => {
      this.listener.close(resolve);
    });
  }

  private accept(client: Socket, target: number): void {
    const server = connect(target, "127.0.0.1");
    const connection: Connection = { received: [], sent: [] };
    this.connections.push(connection);
    client.on("data", (bytes) => connection.received.push(Buffer.from(bytes)));
    server.on("data", (bytes) => connection.sent.push(Buffer.from(bytes)));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}

/** The frames of a client's WebSocket, without their masks (RFC 6455 §5.3). */
function payloads(received: Buffer): Buffer[] {
  const head = received.indexOf("\r\n\r\n") + 4;
  if (!/^upgrade: *websocket/im.test(received.toString("latin1", 0, head))) return [];
  const frames: Buffer[] = [];
  for (let at = head; at + 6 <= received.length;) {
    const short = received.readUInt8(at + 1) & 0x7f;
    const mask = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    if (mask + 4 > received.length) break;
    const length =
      short < 126
        ? short
        : short === 126
          ? received.readUInt16BE(at + 2)
          : Number(received.readBigUInt64BE(at + 2));
    const payload = Buffer.from(received.subarray(mask + 4, mask + 4 + length));
    for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (received[mask + (i % 4)] ?? 0);
    frames.push(payload);
    at = mask + 4 + length;
  }
  return frames;
}

/** Joins chunks (RFC 9112 §7.1). What looks like the beginning of a chunk and is none is lost: it is in the original. */
function withoutChunks(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll(/\r\n[0-9a-f]+\r\n/gi, ""), "latin1");
}
