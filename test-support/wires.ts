// Live connections byte by byte, cheap enough for thousands of them: over server-sent events and over WebSocket.
import { expect } from "bun:test";

/** The stream that all of them listen to. */
export const STREAM = "fanout";

/** What is read of a message or an event. */
export interface Message {
  readonly Type: string;
  readonly Text: string;
  readonly Created: string;
  readonly From?: string;
  readonly To?: string;
}

/** Takes what comes on a connection. */
export interface Reader {
  readonly wire: Wire;
  /** The bytes that the next frame should have, where that is known: comparing them saves reading them. */
  readonly expected: Buffer | undefined;
  /** The next frame has the expected bytes. */
  receiveExpected(): void;
  /** The next frame carries this message or event. */
  receive(json: string, frame: Buffer): void;
  /** The server has ended the connection, for this reason. */
  end(reason: string): void;
}

type Feed = (bytes: Buffer, start: number, end: number) => void;

/** How a connection is opened, and what the bytes on it mean. */
export interface Wire {
  /** How the server ends a connection when it shuts down. */
  readonly goodbye: string;
  request(cursor: string | undefined): string;
  /** The header fields of the answer, after the status line. */
  accepts(status: number, fields: string): boolean;
  /** Puts something between the connection's bytes and its frames. */
  body(frames: Feed, end: (reason: string) => void): Feed;
  /** The length of the first frame between start and end; 0 where it is not all there. */
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
    if (/^(:|retry:[0-9]+$|id:[0-9]+$)/.test(lines)) return;
    const [, id, json = ""] = /^(?:id:([0-9]+)\n)?data:(\{[^\n]*\})$/.exec(lines) ?? [];
    const { Type, Created } = JSON.parse(json) as Message;
    // An event is not kept, so nobody can resume from it.
    expect(id).toBe(Type === "message" ? Created : undefined);
    connection.receiveFrame(json, frame);
  },
};

/** RFC 6455. */
export const webSocket: Wire = {
  goodbye: "close 4000",
  request: (cursor) => {
    const resume = cursor === undefined ? "" : `&last=${cursor}`;
    return `GET /events?stream=${STREAM}${resume} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  },
  accepts: (status, fields) =>
    status === 101 && /^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r?$/im.test(fields),
  body: (frames) => frames,
  measure: (bytes, start, end) => {
    if (end - start < 2) return 0;
    const short = bytes.readUInt8(start + 1);
    // The server neither masks nor sends more than 16 bits of length can say.
    expect(short).toBeLessThan(127);
    if (short < 126) return 2 + short <= end - start ? 2 + short : 0;
    if (end - start < 4) return 0;
    const length = bytes.readUInt16BE(start + 2);
    expect(length).toBeGreaterThan(125);
    return 4 + length <= end - start ? 4 + length : 0;
  },
  read: (frame, connection) => {
    const payload = frame.subarray(frame.readUInt8(1) < 126 ? 2 : 4);
    // Final, no extensions, and one of: text, close, ping.
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

/** A control frame of a client. Its mask is all zeros, which changes nothing. */
function masked(first: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** Undoes chunked transfer coding (RFC 9112 §7.1), however it is split over reads. */
class Chunks {
  private line = "";
  /** Bytes of the chunk that are still to come, with the CR LF behind it. */
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

/** One connection of a reader, from its request to whoever of the two ends it. */
export class Connection {
  private readonly opened = Promise.withResolvers<void>();
  private readonly reader: Reader;
  private readonly fail: (error: unknown) => void;
  private socket: Bun.Socket<Connection> | undefined;
  private state: "opening" | "open" | "over" = "opening";
  /** What is not yet a whole frame, or a whole head. */
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

  /** Resolves when the server has answered: the reader listens from then on. */
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

  /** In good order, or all at once. */
  leave(politely: boolean): void {
    this.state = "over";
    if (politely) this.socket?.end();
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
    this.fail(new Error("The server closed a connection without a word"));
  }

  /** A frame carries a message or an event. */
  receiveFrame(json: string, frame: Buffer): void {
    this.reader.receive(json, frame);
  }

  send(bytes: Buffer): void {
    this.socket?.write(bytes);
  }

  /** The server has said that it ends the connection. */
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
    // A copy: the runtime may use the buffer again.
    this.rest = at < end ? Buffer.from(bytes.subarray(at, end)) : undefined;
  }
}

const handlers: Bun.SocketHandler<Connection> = {
  binaryType: "buffer",
  data: (socket, bytes) => socket.data.receive(bytes),
  close: (socket) => socket.data.closed(),
  error: (socket) => socket.data.closed(),
};
