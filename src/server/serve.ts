import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/hub.ts";
import { MAX_BODY } from "../protocol/limits.ts";
import { Problem } from "../protocol/problem.ts";
import { CLOSE } from "../protocol/socket.ts";
import { App, type Pages } from "./app.ts";
import type { Connection, ServerLimits } from "./exchange.ts";
import { HttpSubscribers } from "./http-subscribers.ts";
import { Polls } from "./poll.ts";
import { problemResponse } from "./respond.ts";
import { SocketConnection } from "./socket-connection.ts";
import { SocketGroups } from "./socket-group.ts";

/** Seconds that a connection may do nothing while a request comes in or an answer goes out. Live responses are exempt. */
const IDLE_TIMEOUT = 30;

/** A WebSocket is pinged 8 s before this many seconds of silence are over, and closed when they are. */
const SOCKET_IDLE_TIMEOUT = 33;

/**
 * Bytes that may wait for one WebSocket. A reader with anything waiting is not written to, so what waits is a batch or two;
 * with the runtime's default of 16 MiB the slow ones could fill the memory.
 */
const SOCKET_BACKPRESSURE = 1024 * 1024;

/** How often time is looked at, in milliseconds. */
const TICK = 1000;

export interface ServeOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Address to listen on; undefined: all. */
  readonly host: string | undefined;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly pages: Pages;
}

/** A server that listens. */
export interface RunningServer {
  readonly url: URL;
  /** Tells those who listen to come back later, closes their connections, and waits for the requests that are under way. */
  stop(): Promise<void>;
}

/** Begins to listen. @throws an error with code `EADDRINUSE` where the port is taken */
export function serve({ port, host, hub, clock, limits, pages }: ServeOptions): RunningServer {
  const subscribers = new HttpSubscribers(clock);
  const polls = new Polls();
  const sockets = new Map<SocketConnection, Bun.ServerWebSocket<SocketConnection>>();
  const groups = new SocketGroups((topic, text) => server.publish(topic, text, false));
  const app = new App({ hub, limits, subscribers, polls }, pages);
  const connection: Connection = {
    keepOpen: (request) => server.timeout(request, 0),
    upgrade: (request, opening) =>
      server.upgrade(request, { data: new SocketConnection(opening, hub, groups) }),
  };
  const websocket: Bun.WebSocketHandler<SocketConnection> = {
    maxPayloadLength: MAX_BODY,
    backpressureLimit: SOCKET_BACKPRESSURE,
    closeOnBackpressureLimit: true,
    idleTimeout: SOCKET_IDLE_TIMEOUT,
    open(socket) {
      sockets.set(socket.data, socket);
      socket.data.open(socket);
    },
    message: (socket, data) => socket.data.receive(socket, data),
    drain: (socket) => socket.data.drain(),
    close(socket) {
      sockets.delete(socket.data);
      socket.data.closed();
    },
  };
  let stopping = false;

  const server = Bun.serve({
    port,
    ...(host !== undefined && { hostname: host }),
    // Otherwise the runtime answers errors with pages that show the source.
    development: false,
    idleTimeout: IDLE_TIMEOUT,
    maxRequestBodySize: MAX_BODY,
    fetch(request) {
      if (stopping) return problemResponse(new Problem("shutting_down"), { connection: "close" });
      return app.handle(request, connection);
    },
    error: problemResponse,
    websocket,
  });

  const ticker = setInterval(() => {
    hub.advance();
    subscribers.advance();
  }, TICK);

  return {
    url: server.url,
    async stop() {
      stopping = true;
      clearInterval(ticker);
      polls.close();
      subscribers.close();
      for (const socket of sockets.values()) socket.close(CLOSE.shuttingDown, "The server is shutting down");
      await server.stop();
    },
  };
}
