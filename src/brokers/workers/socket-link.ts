import { Batches, type FrameSender } from "./batches.ts";
import { splitFrames } from "./fields.ts";

declare module "bun" {
  /** Takes over a descriptor. Missing in the types of the runtime, which have its options. */
  function connect(options: FdSocketOptions): Promise<Socket>;
}

/** What may wait for the other process to read it, in bytes. One that is so far behind hangs. */
const MAX_BACKLOG = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

export interface LinkListener {
  /** Frames arrived, without their ends. */
  onFrames(frames: readonly string[]): void;
  /** The other process has closed the link, or has ended. Called once. */
  onClose(): void;
}

/** One end of a link between two processes: a socket pair that carries frames, those of one turn of the event loop together. */
export class SocketLink implements FrameSender {
  private socket: Bun.Socket | undefined = undefined;
  private isClosed = false;
  private readonly batches = new Batches((batch) => this.write(Buffer.from(batch)), setImmediate);
  /** What the kernel did not take, and its length. */
  private unwritten: Buffer[] = [];
  private backlog = 0;
  /** The beginning of a frame whose end has not arrived. */
  private partial: Buffer[] = [];
  private readonly listener: LinkListener;

  private constructor(listener: LinkListener) {
    this.listener = listener;
  }

  /** Takes over a descriptor of one end. */
  static async open(descriptor: number, listener: LinkListener): Promise<SocketLink> {
    const link = new SocketLink(listener);
    await Bun.connect({
      fd: descriptor,
      socket: {
        open: (socket) => {
          link.socket = socket;
        },
        data: (_socket, bytes) => link.onData(bytes),
        drain: () => link.drain(),
        close: () => link.close(),
        end: () => link.close(),
        error: () => link.close(),
      },
    });
    return link;
  }

  send(frame: string): void {
    this.batches.send(frame);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.unwritten = [];
    this.socket?.terminate();
    this.listener.onClose();
  }

  private write(bytes: Buffer): void {
    if (this.isClosed) return;
    const written = this.unwritten.length === 0 ? (this.socket?.write(bytes) ?? 0) : 0;
    if (written < 0) return this.close();
    if (written === bytes.length) return;
    this.unwritten.push(bytes.subarray(written));
    this.backlog += bytes.length - written;
    if (this.backlog > MAX_BACKLOG) this.close();
  }

  private drain(): void {
    const waiting = this.unwritten;
    this.unwritten = [];
    this.backlog = 0;
    if (waiting.length > 0) this.write(Buffer.concat(waiting));
  }

  private onData(bytes: Buffer): void {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.partial.push(Buffer.from(bytes));
      return;
    }
    const whole = bytes.subarray(0, end);
    const batch = this.partial.length === 0 ? whole : Buffer.concat([...this.partial, whole]);
    this.partial = end === bytes.length ? [] : [Buffer.from(bytes.subarray(end))];
    this.listener.onFrames(splitFrames(batch.toString("utf8")));
  }
}
