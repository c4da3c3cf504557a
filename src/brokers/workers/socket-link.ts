import { Batches, type FrameSender } from "./batches.ts";
import { FrameSplitter } from "./frame-splitter.ts";

declare module "bun" {
  /** Takes over a descriptor. Missing in the types of the runtime, which have its options. */
  function connect(options: FdSocketOptions): Promise<Socket>;
}

/** How much may wait for the other process until the link counts as full, in bytes. */
const FULL = 4 * 1024 * 1024;

export interface LinkListener {
  /** Frames arrived, without their ends. */
  onFrames(frames: readonly string[]): void;
  /** The link is not full, after the other process has read. */
  onDrain(): void;
  /** The other process has closed the link, or has ended. Called once. */
  onClose(): void;
}

/** One end of a link between two processes: a socket pair that carries frames, those of one turn of the event loop together. */
export class SocketLink implements FrameSender {
  private socket: Bun.Socket | undefined = undefined;
  private isClosed = false;
  private readonly batches = new Batches(() => this.flush());
  /** What the kernel has not taken of the last batch. Later ones wait until it has. */
  private unwritten: Buffer | undefined = undefined;
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

  /** See {@link FrameSender.isFull}. */
  get isFull(): boolean {
    return (this.unwritten?.length ?? 0) + this.batches.length > FULL;
  }

  send(frame: string): void {
    if (!this.isClosed) this.batches.add(frame);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.unwritten = undefined;
    this.batches.take();
    this.socket?.terminate();
    this.listener.onClose();
  }

  private flush(): void {
    if (this.unwritten !== undefined || this.batches.length === 0) return;
    this.unwritten = Buffer.from(this.batches.take());
    this.write();
  }

  /** Writes what is left, in pieces as the kernel takes them. */
  private write(): void {
    if (this.unwritten === undefined || this.socket === undefined) return;
    const written = this.socket.write(this.unwritten);
    if (written < 0) return this.close();
    this.unwritten = written < this.unwritten.length ? this.unwritten.subarray(written) : undefined;
    this.flush();
  }

  private drain(): void {
    this.write();
    if (!this.isFull && !this.isClosed) this.listener.onDrain();
  }
}
