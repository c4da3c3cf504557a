import { Batches, type FrameSender } from "./batches.ts";
import { FrameSplitter } from "./frame-splitter.ts";

declare module "bun" {
  /** Takes over a descriptor. Missing in the types of the runtime, which have its options. */
  function connect(options: FdSocketOptions): Promise<Socket>;
}

/** What may wait for the other process to read it, in bytes: then requests are refused, and news is left out. */
const FULL_BACKLOG = 4 * 1024 * 1024;

/** What waits at most, in bytes. A process that is so far behind hangs. */
const MAX_BACKLOG = 64 * 1024 * 1024;

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
  private readonly splitter = new FrameSplitter();
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
        data: (_socket, bytes) => listener.onFrames(link.splitter.push(bytes)),
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

  get isFull(): boolean {
    return this.backlog > FULL_BACKLOG;
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
}
