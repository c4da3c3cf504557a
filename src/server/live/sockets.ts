import type { Clock } from "../../core/clock.ts";
import { MAX_FRAME } from "../../protocol/limits.ts";
import { CLOSE, LINES_SUBPROTOCOL } from "../../protocol/socket.ts";
import type { Leaver } from "../shutdown.ts";
import { Quota } from "../limits/quota.ts";
import { eventLoopScheduler } from "../scheduler.ts";
import { ClosingSockets } from "./closing-sockets.ts";
import { SocketConnection, type SocketContext, type SocketOpening } from "./socket-connection.ts";
import { SocketGroups, type TopicPublisher } from "./socket-group.ts";
import { bufferLimit, STALL } from "./stalls.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Seconds without a frame from the client until the connection is closed; the runtime sends a ping before. */
const IDLE_TIMEOUT = 33;

/**
 * Largest send buffer per WebSocket, in bytes. A reader with buffered data receives no messages, so it holds a batch or two and
 * acks. With the runtime's default of 16 MiB, slow readers could fill the memory.
 */
const BACKPRESSURE = 512 * 1024;

/** Shortest interval between two sums of all send buffers, in milliseconds. */
const SUM_INTERVAL = 100;

/** Acks of messages that came too fast, about 250 bytes each, of all WebSockets together. */
const MAX_DELAYED_ACKS = 32_768;

type RuntimeSocket = Bun.ServerWebSocket<SocketConnection>;

interface SocketsOptions extends Omit<SocketContext, "groups" | "closing" | "pace"> {
  readonly clock: Clock;
  readonly publish: TopicPublisher;
  readonly work: WorkQueue;
  /** In bytes. */
  readonly maxMemory: number;
}

/** All WebSockets of a server. */
export class Sockets {
  private readonly open = new Set<RuntimeSocket>();
  private readonly clock: Clock;
  private readonly context: SocketContext;
  /** Most that all send buffers together may hold, in bytes. */
  private readonly limit: number;
  private summedAt = Number.NEGATIVE_INFINITY;

  constructor({ hub, clock, log, shutdown, publish, work, maxMemory }: SocketsOptions) {
    this.clock = clock;
    this.limit = bufferLimit(maxMemory);
    const groups = new SocketGroups({ publish, log, work, onFull: () => this.limitBuffers() });
    const delayedAcks = new Quota("unacknowledged messages", MAX_DELAYED_ACKS);
    const pace = { clock, scheduler: eventLoopScheduler, delayedAcks };
    this.context = { hub, log, shutdown, groups, pace, closing: new ClosingSockets(eventLoopScheduler) };
  }

  /** The number of open WebSockets. */
  get size(): number {
    return this.open.size;
  }

  /** Returns the state and the response headers of a connection that becomes a WebSocket. */
  accept(opening: SocketOpening): { data: SocketConnection; headers: Record<string, string> } {
    return {
      data: new SocketConnection(opening, this.context),
      headers: opening.framing === "lines" ? { "sec-websocket-protocol": LINES_SUBPROTOCOL } : {},
    };
  }

  /** The callbacks of the runtime. */
  handlers(): Bun.WebSocketHandler<SocketConnection> {
    return {
      maxPayloadLength: MAX_FRAME,
      backpressureLimit: BACKPRESSURE,
      closeOnBackpressureLimit: true,
      idleTimeout: IDLE_TIMEOUT,
      open: (socket) => {
        this.open.add(socket);
        socket.data.open(socket);
      },
      message: (socket, data) => socket.data.receive(socket, data),
      drain: (socket) => socket.data.drain(),
      close: (socket) => {
        this.open.delete(socket);
        socket.data.closed();
      },
    };
  }

  /** Closes stalled connections. Called about once a second. */
  onTimer(): void {
    this.limitBuffers();
    const now = this.clock.monotonic();
    for (const socket of this.open) {
      // The client does not read, so a close frame would never arrive.
      if (socket.data.stalledFor(socket, now) < STALL) continue;
      this.context.hub.counters.stalled++;
      socket.terminate();
    }
  }

  /** Closes the longest-stalled sockets if all of them together hold too much unread data. */
  private limitBuffers(): void {
    const now = this.clock.monotonic();
    if (now - this.summedAt < SUM_INTERVAL) return;
    this.summedAt = now;
    let sum = 0;
    const full: RuntimeSocket[] = [];
    for (const socket of this.open) {
      const buffered = socket.getBufferedAmount();
      if (buffered === 0) continue;
      sum += buffered;
      full.push(socket);
    }
    if (sum <= this.limit) return;
    const stalls = new Map(full.map((socket) => [socket, socket.data.stalledFor(socket, now)]));
    full.sort((a, b) => (stalls.get(b) ?? 0) - (stalls.get(a) ?? 0));
    for (const socket of full) {
      if (sum <= this.limit) return;
      sum -= socket.getBufferedAmount();
      this.context.hub.counters.stalled++;
      socket.terminate();
    }
  }

  /** The connections that a shutdown closes. */
  leavers(): readonly Leaver[] {
    return Array.from(this.open, (socket) => ({
      get isBehind() {
        return socket.data.isBehind(socket);
      },
      leave: () => {
        socket.data.flushAcks();
        socket.close(CLOSE.shuttingDown, "The server is shutting down");
      },
    }));
  }
}
