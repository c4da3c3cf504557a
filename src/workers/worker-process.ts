import { encodeMainFrame } from "../brokers/workers/main-frames.ts";
import { SocketLink } from "../brokers/workers/socket-link.ts";
import { decodeWorkerFrame } from "../brokers/workers/worker-frames.ts";
import type { WorkerLink } from "../brokers/workers/worker-link.ts";
import type { WorkerLinks } from "../brokers/workers/worker-links.ts";
import { parseNotice, type Notice, type Order } from "./control.ts";

/** Receives the events of a worker. */
interface WorkerListener {
  /** It can be given orders. */
  onConnected(worker: WorkerProcess): void;
  onNotice(worker: WorkerProcess, notice: Notice): void;
  onError(error: unknown): void;
  /** It has exited. `reason`: the signal that ended it, or its exit code. */
  onExit(worker: WorkerProcess, reason: string): void;
}

/** A worker as the main process sees it. */
export class WorkerProcess {
  private link: WorkerLink | undefined = undefined;
  private socket: SocketLink | undefined = undefined;
  private hasExited = false;
  private readonly child: Bun.Subprocess<"ignore", "ignore", "inherit">;
  private readonly links: WorkerLinks;
  private readonly listener: WorkerListener;

  /**
   * Starts a worker.
   * @param command program and arguments
   */
  constructor(command: readonly string[], links: WorkerLinks, listener: WorkerListener) {
    this.listener = listener;
    this.child = Bun.spawn([...command], {
      stdio: ["ignore", "ignore", "inherit", "socket-fd"],
      env: workerEnvironment(),
      // For `ps`.
      argv0: "malten",
      onExit: (_child, code, signal) => this.onExit(signal === null ? `exit code ${code}` : String(signal)),
    });
    this.links = links;
    this.connect().catch((error: unknown) => {
      listener.onError(error);
      this.kill();
    });
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Whether so much waits for the worker that what can wait should not be sent. */
  get isFull(): boolean {
    return this.socket?.isFull ?? true;
  }

  order(order: Order): void {
    this.socket?.send(encodeMainFrame({ kind: "control", json: JSON.stringify(order) }));
  }

  /** Ends it at once. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  private async connect(): Promise<void> {
    const [, , , descriptor] = this.child.stdio;
    if (typeof descriptor !== "number") throw new Error("a worker has no link");
    const socket = await SocketLink.open(descriptor, {
      onFrames: (lines) => {
        for (const line of lines) this.onFrame(line);
      },
      onDrain: () => this.links.onDrain(),
      // It has ended.
      onClose: () => this.kill(),
    });
    if (this.hasExited) return socket.close();
    this.socket = socket;
    this.link = this.links.open(socket);
    this.listener.onConnected(this);
  }

  private onFrame(line: string): void {
    try {
      const frame = decodeWorkerFrame(line);
      if (frame.kind === "control") this.listener.onNotice(this, parseNotice(frame.json));
      else this.link?.onFrame(frame);
    } catch (error) {
      // The others go on.
      this.listener.onError(error);
    }
  }

  private onExit(reason: string): void {
    this.hasExited = true;
    if (this.link !== undefined) this.links.closed(this.link);
    this.link = undefined;
    this.socket = undefined;
    this.listener.onExit(this, reason);
  }
}

/** The environment of a worker: without options, which may be secrets, and which it gets from the main process. */
function workerEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("MALTEN_")));
}
