import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/hub.ts";
import { MAX_BODY } from "../protocol/limits.ts";
import { Problem } from "../protocol/problem.ts";
import { App, type Pages } from "./app.ts";
import { noticeDeadPeers } from "./dead-peers.ts";
import type { Connection, ServerLimits } from "./http/request-context.ts";
import { HttpSubscribers } from "./live/http-subscribers.ts";
import { Polls } from "./live/long-polls.ts";
import { problemResponse } from "./http/responses.ts";
import { Sockets } from "./live/sockets.ts";

/** Seconds that a connection may do nothing while a request comes in or an answer goes out. Live responses are exempt. */
const IDLE_TIMEOUT = 30;

/** The runtime takes more of a body than is allowed, so that a client is told in JSON what is wrong with it. */
const BODY_BUFFER = 4 * MAX_BODY;

/** How long a request that is under way may hold up the end, in milliseconds. */
const GRACE = 10_000;

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
  /** Tells those who listen to come back later, and waits for the requests that are under way: 10 s at the most. */
  stop(): Promise<void>;
}

/** Begins to listen. @throws an error with code `EADDRINUSE` where the port is taken */
export function serve({ port, host, hub, clock, limits, pages }: ServeOptions): RunningServer {
  const subscribers = new HttpSubscribers(clock);
  const polls = new Polls();
  const sockets = new Sockets(hub, clock, (topic, text) => server.publish(topic, text, false));
  const app = new App({ hub, limits, subscribers, polls }, pages);
  const connection: Connection = {
    keepOpen: (request, seconds) => server.timeout(request, seconds),
    upgrade: (request, opening) => server.upgrade(request, sockets.accept(opening)),
  };
  let stopping = false;

  const server = Bun.serve({
    port,
    ...(host !== undefined && { hostname: host }),
    // Otherwise the runtime answers errors with pages that show the source.
    development: false,
    // Which the line above turns on: a second server would share the port without a word.
    reusePort: false,
    idleTimeout: IDLE_TIMEOUT,
    maxRequestBodySize: BODY_BUFFER,
    fetch(request) {
      if (stopping) return problemResponse(new Problem("shutting_down"), { connection: "close" });
      return app.handle(request, connection);
    },
    error: problemResponse,
    websocket: sockets.handlers(),
  });

  noticeDeadPeers();
  const ticker = setInterval(() => {
    hub.advance();
    subscribers.advance();
    sockets.advance();
  }, TICK);

  return {
    url: server.url,
    async stop() {
      stopping = true;
      clearInterval(ticker);
      // What was acknowledged reaches those who listen.
      hub.flush();
      polls.close();
      subscribers.close();
      sockets.close();
      const grace = setTimeout(() => void server.stop(true), GRACE);
      await server.stop();
      clearTimeout(grace);
    },
  };
}
