import type { ServerFrame } from "../../src/protocol/socket.ts";
import { clientFrame, HANDSHAKE, readServerFrame } from "../../test-support/frames.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { HOST } from "./hostile-client.ts";

/** Sent as a ping after a case: when it comes back, the server has handled everything before it. */
const FENCE = "fence";

/** A WebSocket that sends bytes as they are and describes each frame that it receives in a word or two. */
export class FramedConnection implements Disposable {
  private readonly raw: RawConnection;

  private constructor(raw: RawConnection) {
    this.raw = raw;
  }

  /** Opens a WebSocket that listens to a stream, and reads its welcome. */
  static async open(port: number, stream: string): Promise<FramedConnection> {
    const raw = await RawConnection.open(port);
    raw.socket.setNoDelay(true);
    raw.send(`GET /events?stream=${stream} HTTP/1.1\r\n${HOST}${HANDSHAKE}\r\n`);
    const head = await raw.head();
    if (head?.status !== 101) throw new Error(`the handshake got ${head?.status}`);
    const connection = new FramedConnection(raw);
    await connection.until((frame) => frame === "event connect");
    return connection;
  }

  /** Sends pieces, each in a write and a packet of its own. */
  async send(...pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      this.raw.send(piece);
      if (pieces.length > 1) await new Promise(setImmediate);
    }
  }

  /** Returns the frames that answer what was sent: until `messages` messages and a last pong, or until the connection ends. */
  async answers(messages: number): Promise<string[]> {
    this.raw.send(clientFrame(FENCE, { opcode: 9 }));
    let left = messages;
    let fenced = false;
    const frames = await this.until((frame) => {
      if (frame.startsWith("message ")) left--;
      fenced ||= frame === `pong ${FENCE}`;
      return fenced && left <= 0;
    });
    return frames.filter((frame) => frame !== `pong ${FENCE}`);
  }

  /** Returns the frames up to the one that is wanted, or up to the end of the connection. */
  async until(wanted: (frame: string) => boolean): Promise<string[]> {
    const frames: string[] = [];
    for (;;) {
      const bytes = await this.raw.read((all) => readServerFrame(all)?.size ?? 0);
      const frame = bytes && readServerFrame(bytes);
      if (frame === undefined) return [...frames, "the end"];
      const word = describe(frame.opcode, frame.payload);
      if (word !== undefined) frames.push(word);
      if (word !== undefined && wanted(word)) return frames;
    }
  }

  [Symbol.dispose](): void {
    this.raw[Symbol.dispose]();
  }
}

function describe(opcode: number, payload: Buffer): string | undefined {
  if (opcode === 8) return payload.length === 0 ? "close 1005" : `close ${payload.readUInt16BE(0)}`;
  if (opcode === 9) return "ping";
  if (opcode === 10) return `pong ${payload.toString("latin1")}`;
  const frame = JSON.parse(payload.toString()) as ServerFrame;
  switch (frame.Type) {
    case "message":
      return `message ${frame.Text}`;
    case "error":
      return `error ${frame.Code}`;
    case "event":
      return frame.Text === "connect" ? "event connect" : undefined;
    default:
      return frame.Type;
  }
}
