import type { Clock } from "../../core/clock.ts";
import type { Hub } from "../../core/hub.ts";
import { MAX_BODY } from "../../protocol/limits.ts";
import { CLOSE, LINES_SUBPROTOCOL } from "../../protocol/socket.ts";
import { SocketConnection, type SocketOpening } from "./socket-connection.ts";
import { SocketGroups, type TopicPublisher } from "./socket-group.ts";
import { STALL } from "./http-subscribers.ts";

/** Seconds of silence from a client until its connection is closed; the runtime pings it some time before. */
const IDLE_TIMEOUT = 33;

/**
 * Bytes that may wait for one WebSocket. A reader with anything waiting is given no messages, so what waits is a batch or two, and acks;
 * with the runtime's default of 16 MiB the slow ones could fill the memory.
 */
const BACKPRESSURE = 1024 * 1024;

type RuntimeSocket = Bun.ServerWebSocket<SocketConnection>;

/** All WebSockets of a server. */
export class Sockets {
  private readonly open = new Set<RuntimeSocket>();
  private readonly groups: SocketGroups;
  private readonly hub: Hub;
  private readonly clock: Clock;

  constructor(hub: Hub, clock: Clock, publish: TopicPublisher) {
    this.hub = hub;
    this.clock = clock;
    this.groups = new SocketGroups(publish);
  }

  /** What the runtime keeps for a connection that becomes a WebSocket, and answers to it. */
  accept(opening: SocketOpening): { data: SocketConnection; headers: Record<string, string> } {
    return {
      data: new SocketConnection(opening, this.hub, this.groups),
      headers: opening.framing === "lines" ? { "sec-websocket-protocol": LINES_SUBPROTOCOL } : {},
    };
  }

  /** What the runtime calls. */
  handlers(): Bun.WebSocketHandler<SocketConnection> {
    return {
      maxPayloadLength: MAX_BODY,
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

  /** Does what time asks for: called about once a second. */
  advance(): void {
    const now = this.clock.monotonic();
    for (const socket of this.open) {
      // It does not read, so it could not be told anything.
      if (socket.data.stalledFor(socket, now) >= STALL) socket.terminate();
    }
  }

  /** The server shuts down. */
  close(): void {
    for (const socket of this.open) socket.close(CLOSE.shuttingDown, "The server is shutting down");
  }
}
