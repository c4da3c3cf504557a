import type { Clock } from "../core/clock.ts";
import type { Transport } from "../core/counters.ts";
import type { Hub } from "../core/hub.ts";
import { MAX_BODY } from "../protocol/limits.ts";
import { Problem } from "../protocol/problem.ts";
import { App, type Pages } from "./app.ts";
import { detectDeadConnections } from "./dead-connections.ts";
import type { ServerLimits } from "./http/request-context.ts";
import { Listeners, type ListenOptions } from "./listeners.ts";
import type { Logger } from "./log.ts";
import { Clients } from "./limits/clients.ts";
import { LiveResponses } from "./live/live-responses.ts";
import { LongPolls } from "./live/long-polls.ts";
import { pageInit, problemResponse } from "./http/responses.ts";
import { Sockets } from "./live/sockets.ts";
import type { Certificate } from "./tls/certificate.ts";

/** Idle timeout of a connection during a request or response, in seconds. Live responses are exempt. */
const IDLE_TIMEOUT = 30;

/** More than {@link MAX_BODY}, so that larger bodies get a JSON problem rather than the runtime's own answer. */
const BODY_BUFFER = 4 * MAX_BODY;

/** How long a shutdown waits for requests in progress, in milliseconds. */
const GRACE = 10_000;

/** Interval of periodic work, in milliseconds. */
const TICK = 1000;

export interface ServeOptions extends ListenOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly pages: Pages;
  readonly log: Logger;
}

/** A listening server. */
export interface RunningServer {
  readonly url: URL;
  /** Runs periodic work: expiry, presence events, heartbeats. Called about once a second by a timer. */
  onTimer(): void;
  /** The number of open live connections. */
  connections(): Record<Transport | "poll", number>;
  /** The certificate of new connections; undefined: plain HTTP. */
  certificate(): Certificate | undefined;
  /** Uses the certificate for new connections. Only for a server with one. */
  replaceCertificate(certificate: Certificate): void;
  /** Asks listeners to reconnect later and waits up to 10 s for requests in progress. */
  stop(): Promise<void>;
}

/** Starts a server. @throws an error with code `EADDRINUSE` if the port is in use */
export function serve(options: ServeOptions): RunningServer {
  const { hub, clock, limits, pages, log } = options;
  const responses = new LiveResponses(clock, log);
  const polls = new LongPolls();
  const sockets = new Sockets({
    hub,
    clock,
    log,
    publish: (topic, text) => listeners.publish(topic, text),
  });
  const clients = new Clients(limits);
  const app = new App({ hub, limits, clients, responses, polls, pageInit: pageInit(hub.server) }, pages, log);
  let stopping = false;

  const listeners = new Listeners(options, {
    sockets,
    idleTimeout: IDLE_TIMEOUT,
    maxRequestBodySize: BODY_BUFFER,
    fetch(request, connection) {
      if (stopping) return problemResponse(new Problem("shutting_down"), { connection: "close" });
      return app.handle(request, connection);
    },
    error(error) {
      log.error("a request", error);
      return problemResponse(error);
    },
  });

  detectDeadConnections(log);
  const onTimer = () => {
    for (const part of [hub, responses, sockets]) {
      try {
        part.onTimer();
      } catch (error) {
        log.error("periodic work", error);
      }
    }
  };
  let due = clock.monotonic() + TICK;
  const ticker = setInterval(() => {
    const now = clock.monotonic();
    hub.counters.delays.observe(Math.max(0, now - due));
    due = now + TICK;
    onTimer();
  }, TICK);

  return {
    url: listeners.url,
    onTimer,
    connections: () => ({ websocket: sockets.size, ...responses.counts, poll: polls.size }),
    certificate: () => listeners.certificate,
    replaceCertificate(certificate) {
      listeners.replaceCertificate(certificate);
      detectDeadConnections(log);
    },
    async stop() {
      stopping = true;
      clearInterval(ticker);
      // Delivers acknowledged messages.
      hub.flush();
      polls.close();
      responses.close();
      sockets.close();
      const grace = setTimeout(() => void listeners.stop(true), GRACE);
      await listeners.stop();
      clearTimeout(grace);
    },
  };
}
