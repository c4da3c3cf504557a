import { connect, type Socket } from "node:net";

export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A TCP connection that sends the given bytes and nothing else. */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  private buffered = Buffer.alloc(0);
  private chunks: Buffer[] = [];
  private ended = false;
  private wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.wake();
    });
    const end = () => {
      this.ended = true;
      this.wake();
    };
    socket.on("end", end);
    socket.on("close", end);
    // A reset is also an end; tests check what was received.
    socket.on("error", end);
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, "127.0.0.1");
    const opened = Promise.withResolvers<void>();
    socket.once("connect", opened.resolve);
    socket.once("error", opened.reject);
    await opened.promise;
    return new RawConnection(socket);
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Reads the number of bytes that `take` returns; 0 waits for more. Undefined if the connection ends first. */
  async read(take: (bytes: Buffer) => number): Promise<Buffer | undefined> {
    for (;;) {
      const woken = Promise.withResolvers<void>();
      this.wake = woken.resolve;
      if (this.chunks.length > 0) {
        this.buffered = Buffer.concat([this.buffered, ...this.chunks]);
        this.chunks = [];
      }
      const taken = take(this.buffered);
      if (taken > 0) {
        const bytes = this.buffered.subarray(0, taken);
        this.buffered = this.buffered.subarray(taken);
        return bytes;
      }
      if (this.ended) return undefined;
      await woken.promise;
    }
  }

  /** Returns the next response, or undefined if the connection ends before it is complete. */
  async response(method = "GET"): Promise<RawResponse | undefined> {
    const head = await this.head();
    if (head === undefined) return undefined;
    const length = method === "HEAD" ? 0 : Number(head.headers.get("content-length") ?? "0");
    const body = length === 0 ? "" : await this.read((bytes) => (bytes.length >= length ? length : 0));
    return body === undefined ? undefined : { ...head, body: body.toString() };
  }

  /** Returns the next status line and headers. */
  async head(): Promise<Omit<RawResponse, "body"> | undefined> {
    const blank = "\r\n\r\n";
    const bytes = await this.read((all) => (all.includes(blank) ? all.indexOf(blank) + blank.length : 0));
    if (bytes === undefined) return undefined;
    const [statusLine = "", ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
    const headers = new Headers();
    for (const line of lines)
      headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
    return { status: Number(statusLine.split(" ")[1]), headers };
  }

  /** Returns everything until the other side ends the connection. */
  async rest(encoding: "utf8" | "hex" = "utf8"): Promise<string> {
    await this.read(() => 0);
    return this.buffered.toString(encoding);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Sends bytes on a new connection and reads one response. */
export async function rawRequest(
  port: number,
  ...bytes: (string | Uint8Array)[]
): Promise<RawResponse | undefined> {
  using connection = await RawConnection.open(port);
  for (const part of bytes) connection.send(part);
  return await connection.response();
}
