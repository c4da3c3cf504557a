// Live connections parsed byte by byte, cheap enough for thousands of them: server-sent events and WebSocket.
import { expect } from "bun:test";
import { HANDSHAKE } from "./frames.ts";

/** The stream that all connections subscribe to. */
export const STREAM = "fanout";

/** The members of a message or an event that tests read. */
export interface Message {
  readonly Type: string;
  readonly Text: string;
  readonly Created: string;
  readonly Cursor?: string;
  readonly Server?: string;
  readonly From?: string;
  readonly To?: string;
}

/** Receives the frames of a connection. */
export interface Reader {
  readonly wire: Wire;
  /** The bytes of the next frame if known: comparing is cheaper than parsing. */
  readonly expected: Buffer | undefined;
  /** Called if the next frame has the expected bytes. */
  receiveExpected(): void;
  /** Called for the message or event of any other frame. */
  receive(json: string, frame: Buffer): void;
  /** Called when the server ends the connection. */
  end(reason: string): void;
}

type Feed = (bytes: Buffer, start: number, end: number) => void;

/** How to open a connection and parse its bytes. */
export interface Wire {
  /** How the server ends a connection when it shuts down. */
  readonly goodbye: string;
  request(cursor: string | undefined): string;
  /** Checks the status and the header fields of the response. */
  accepts(status: number, fields: string): boolean;
  /** Returns the parser between the connection's bytes and its frames. */
  body(frames: Feed, end: (reason: string) => void): Feed;
  /** Returns the length of the first frame between start and end, or 0 if it is incomplete. */
  measure(bytes: Buffer, start: number, end: number): number;
  read(frame: Buffer, connection: Pick<Connection, "receiveFrame" | "end" | "send">): void;
}

export const sse: Wire = {
  goodbye: "last chunk",
  request: (cursor) => {
    const resume = cursor === undefined ? "" : `Last-Event-ID: ${cursor}\r\n`;
    return `GET /events?stream=${STREAM} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n${resume}\r\n`;
  },
  accepts: (status, fields) =>
    status === 200 &&
    /^content-type: text\/event-stream\r?$/im.test(fields) &&
    /^transfer-encoding: chunked\r?$/im.test(fields),
  body: (frames, end) => {
    const chunks = new Chunks(frames, () => end(sse.goodbye));
    return (bytes, start, stop) => chunks.feed(bytes, start, stop);
  },
  measure: (bytes, start, end) => {
    const blank = bytes.indexOf("\n\n", start);
    return blank === -1 || blank + 2 > end ? 0 : blank + 2 - start;
  },
  read: (frame, connection) => {
    const lines = frame.toString("utf8").slice(0, -2);
    const [, id, json = ""] =
      /^(?:(?::|retry:[0-9]+)\n)*(?:id:([0-9]+-[A-Za-z0-9]+)\n)?data:(\{[^\n]*\})$/.exec(lines) ?? [];
    const { Type, Created, Text, Cursor } = JSON.parse(json) as Message;
    // Events are not stored, so no listener can resume from one; the welcome says where the listener begins.
    if (Type === "message") expect(id?.split("-")[0]).toBe(Created);
    else expect(id).toBe(Text === "welcome" ? Cursor : undefined);
    connection.receiveFrame(json, frame);
  },
};

/** RFC 6455. */
export const webSocket: Wire = {
  goodbye: "close 4000",
  request: (cursor) => {
    const resume = cursor === undefined ? "" : `&last=${cursor}`;
    return `GET /events?stream=${STREAM}${resume} HTTP/1.1\r\nHost: localhost\r\n${HANDSHAKE}\r\n`;
  },
  accepts: (status, fields) =>
    status === 101 && /^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r?$/im.test(fields),
  body: (frames) => frames,
  measure: (bytes, start, end) => {
    if (end - start < 2) return 0;
    const short = bytes.readUInt8(start + 1);
    // The server does not mask, and its frames fit a length of 16 bits.
    expect(short).toBeLessThan(127);
    if (short < 126) return 2 + short <= end - start ? 2 + short : 0;
    if (end - start < 4) return 0;
    const length = bytes.readUInt16BE(start + 2);
    expect(length).toBeGreaterThan(125);
    return 4 + length <= end - start ? 4 + length : 0;
  },
  read: (frame, connection) => {
    const payload = frame.subarray(frame.readUInt8(1) < 126 ? 2 : 4);
    // Final, no extensions: text, close or ping.
    switch (frame.readUInt8(0)) {
      case 0x81:
        return connection.receiveFrame(utf8.decode(payload), frame);
      case 0x88:
        connection.send(masked(0x88, payload));
        return connection.end(`close ${payload.readUInt16BE(0)}`);
      case 0x89:
        return connection.send(masked(0x8a, payload));
      default:
        throw new Error(`A frame that begins with ${frame.toString("hex", 0, 4)}`);
    }
  },
};

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Returns a control frame of a client, with a mask of zeros. */
function masked(first: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** Decodes chunked transfer coding (RFC 9112 §7.1), however it is split over reads. */
class Chunks {
  private line = "";
  /** Bytes of the chunk still to come, including the CR LF after it. */
  private left = 0;
  private last = false;
  private readonly next: Feed;
  private readonly ended: () => void;

  constructor(next: Feed, ended: () => void) {
    this.next = next;
    this.ended = ended;
  }

  feed(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.left > 2) {
        const stop = Math.min(at + this.left - 2, end);
        this.next(bytes, at, stop);
        this.left -= stop - at;
        at = stop;
      } else if (this.left > 0) {
        expect(bytes[at++]).toBe(this.left === 2 ? 0x0d : 0x0a);
        this.left--;
        if (this.last && this.left === 0) this.ended();
      } else {
        const newline = bytes.indexOf(0x0a, at);
        const stop = newline === -1 || newline >= end ? end : newline + 1;
        this.line += bytes.toString("latin1", at, stop);
        at = stop;
        if (this.line.endsWith("\n")) this.begin();
      }
    }
  }

  private begin(): void {
    expect(this.last).toBe(false);
    expect(this.line).toMatch(/^[0-9a-f]+\r\n$/i);
    const size = Number.parseInt(this.line, 16);
    this.last = size === 0;
    this.left = size + 2;
    this.line = "";
  }
}

/** One connection of a reader. */
export class Connection {
  private readonly opened = Promise.withResolvers<void>();
  private readonly reader: Reader;
  private readonly fail: (error: unknown) => void;
  private socket: Bun.Socket<Connection> | undefined;
  private state: "opening" | "open" | "over" = "opening";
  /** An incomplete frame or head. */
  private rest: Buffer | undefined;
  private readonly body: Feed;

  private constructor(reader: Reader, fail: (error: unknown) => void) {
    this.reader = reader;
    this.fail = fail;
    this.body = reader.wire.body(
      (bytes, start, end) => this.frames(bytes, start, end),
      (reason) => this.end(reason),
    );
  }

  /** Resolves once the server has answered, when the reader is subscribed. */
  static async open(
    port: number,
    reader: Reader,
    cursor: string | undefined,
    fail: (error: unknown) => void,
  ): Promise<Connection> {
    const connection = new Connection(reader, fail);
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: handlers, data: connection });
    connection.socket = socket;
    socket.write(reader.wire.request(cursor));
    await connection.opened.promise;
    return connection;
  }

  /** Disconnects: gracefully (FIN), or with a reset. */
  disconnect(gracefully: boolean): void {
    this.state = "over";
    if (gracefully) this.socket?.end();
    else this.socket?.terminate();
  }

  receive(bytes: Buffer): void {
    try {
      if (this.state === "opening") this.head(bytes);
      else if (this.state === "open") this.body(bytes, 0, bytes.length);
    } catch (error) {
      this.state = "over";
      this.fail(error);
    }
  }

  closed(): void {
    if (this.state === "over") return;
    this.state = "over";
    this.fail(new Error("The server closed a connection unexpectedly"));
  }

  /** Called for a frame with a message or an event. */
  receiveFrame(json: string, frame: Buffer): void {
    this.reader.receive(json, frame);
  }

  send(bytes: Buffer): void {
    this.socket?.write(bytes);
  }

  /** Called when the server announces the end of the connection. */
  end(reason: string): void {
    this.state = "over";
    this.reader.end(reason);
  }

  private head(bytes: Buffer): void {
    const all = Buffer.concat([this.rest ?? Buffer.alloc(0), bytes]);
    this.rest = all;
    const end = all.indexOf("\r\n\r\n");
    if (end === -1) return;
    this.rest = undefined;
    const head = all.toString("latin1", 0, end);
    if (!this.reader.wire.accepts(Number(head.split(" ", 2)[1]), head)) throw new Error(`Answered ${head}`);
    this.state = "open";
    this.opened.resolve();
    if (all.length > end + 4) this.body(all, end + 4, all.length);
  }

  private frames(read: Buffer, from: number, to: number): void {
    const { reader, rest } = this;
    const bytes = rest === undefined ? read : Buffer.concat([rest, read.subarray(from, to)]);
    const end = rest === undefined ? to : bytes.length;
    let at = rest === undefined ? from : 0;
    while (at < end && this.state === "open") {
      const { expected } = reader;
      if (
        expected !== undefined &&
        end - at >= expected.length &&
        bytes.compare(expected, 0, expected.length, at, at + expected.length) === 0
      ) {
        reader.receiveExpected();
        at += expected.length;
        continue;
      }
      const length = reader.wire.measure(bytes, at, end);
      if (length === 0) break;
      reader.wire.read(bytes.subarray(at, at + length), this);
      at += length;
    }
    // A copy: the runtime may reuse the buffer.
    this.rest = at < end ? Buffer.from(bytes.subarray(at, end)) : undefined;
  }
}

const handlers: Bun.SocketHandler<Connection> = {
  binaryType: "buffer",
  data: (socket, bytes) => socket.data.receive(bytes),
  close: (socket) => socket.data.closed(),
  error: (socket) => socket.data.closed(),
};
