import type { Transport } from "../core/counters.ts";
import type { Hub } from "../core/hub.ts";
import { App, type Pages } from "./app.ts";
import { detectDeadConnections } from "./dead-connections.ts";
import { BlockedClients } from "./guard/blocked-clients.ts";
import { ConnectionGuard } from "./guard/connection-guard.ts";
import { findListenerFilter } from "./guard/listener-filter.ts";
import { SlowReaders } from "./guard/slow-readers.ts";
import { findTcpConnections } from "./guard/tcp-connections.ts";
import { descriptorLimit } from "./limits/defaults.ts";
import { AllowedHosts } from "./http/hosts.ts";
import { AllowedOrigins } from "./http/origins.ts";
import { BODY_BUFFER, BodyBudget } from "./http/body-budget.ts";
import type { ServerLimits } from "./http/request-context.ts";
import { Listeners, type ListenOptions } from "./listeners.ts";
import type { Logger } from "./log.ts";
import type { ClientLedger } from "./limits/client-ledger.ts";
import { Clients } from "./limits/clients.ts";
import { TurnLimit } from "./limits/turn-limit.ts";
import { LiveResponses } from "./live/live-responses.ts";
import { LongPolls } from "./live/long-polls.ts";
import { pageInits, problemResponse } from "./http/responses.ts";
import { Sockets } from "./live/sockets.ts";
import { Stalls } from "./live/stalls.ts";
import { Shutdown } from "./shutdown.ts";
import type { Certificate } from "./tls/certificate.ts";

/** Idle timeout of a connection during a request or response, in seconds. Live responses are exempt. */
const IDLE_TIMEOUT = 30;

/** Interval of periodic work, in milliseconds. */
const TICK = 1000;

/** How many more connections than its share one of several processes may have: the kernel spreads them unevenly. */
const UNEVEN = 1.5;

/** Interval at which the open descriptors are counted, in milliseconds. */
const GUARD_TICK = 50;

/** Interval of the steps of a shutdown, in milliseconds. */
const SHUTDOWN_TICK = 20;

export interface ServeOptions extends ListenOptions {
  readonly hub: Hub;
  readonly limits: ServerLimits;
  readonly pages: Pages;
  readonly log: Logger;
  /** Shares the limits per client with other processes of the same server. */
  readonly ledger?: ClientLedger;
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
  /** Asks listeners to reconnect later, one after the other, and waits for requests in progress: up to 10 s in all. */
  stop(): Promise<void>;
}

/** Starts a server. @throws an error with code `EADDRINUSE` if the port is in use */
export function serve(options: ServeOptions): RunningServer {
  const { hub, clock, limits, pages, log, processes = 1 } = options;
  const maxMemory = limits.maxMemory / processes;
  const shutdown = new Shutdown(clock);
  const descriptors = descriptorLimit();
  const connections = findTcpConnections(log, descriptors);
  const stalls = new Stalls(clock, maxMemory, connections && new SlowReaders(connections));
  const responses = new LiveResponses(clock, stalls, log);
  const polls = new LongPolls();
  const sockets = new Sockets({
    hub,
    clock,
    log,
    shutdown,
    maxMemory,
    publish: (topic, text) => listeners.publish(topic, text),
    work: stalls.work,
  });
  const clients = new Clients({ limits, clock, log, ledger: options.ledger });
  const bodies = new BodyBudget(maxMemory);
  const init = pageInits(() => hub.server);
  const services = {
    bodies,
    hub,
    limits,
    clients,
    responses,
    polls,
    shutdown,
    get pageInit() {
      return init();
    },
  };
  const filter = findListenerFilter();
  const blocked = filter && new BlockedClients({ filter, clock, log, counters: hub.counters });
  const app = new App(services, {
    pages,
    log,
    blocked,
    hosts: new AllowedHosts(limits.allowHosts, options.host),
    origins: new AllowedOrigins(limits.allowOrigins),
  });
  const turn = new TurnLimit();

  const listeners = new Listeners(options, {
    sockets,
    idleTimeout: IDLE_TIMEOUT,
    maxRequestBodySize: BODY_BUFFER,
    fetch(request, connection) {
      const answer = app.handle(request, connection);
      // Nothing can follow an answer that is still to come: the runtime closes the connection itself.
      if (turn.isExceeded() && answer instanceof Response) answer.headers.set("connection", "close");
      return answer;
    },
    error(error) {
      log.error("a request", error);
      return problemResponse(error);
    },
  });

  const onListening = () => {
    detectDeadConnections(log);
    blocked?.refresh();
  };
  onListening();
  const guarded = { ...limits, maxConnections: Math.ceil((limits.maxConnections * UNEVEN) / processes) };
  const guard =
    connections &&
    new ConnectionGuard({
      connections,
      limits: processes === 1 ? limits : guarded,
      descriptors,
      live: clients.live,
      clock,
      log,
    });
  const guards = [guard, blocked].filter((each) => each !== undefined);
  const guarding = setInterval(() => {
    for (const each of guards) each.onTimer();
  }, GUARD_TICK);
  const onTimer = () => {
    for (const part of [hub, responses, stalls, sockets, listeners]) {
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

  const stop = async () => {
    // Delivers acknowledged messages.
    hub.flush();
    shutdown.begin(() => [responses, polls, sockets].flatMap((part) => part.leavers()));
    const announced = Promise.withResolvers<void>();
    const goOn = () => {
      shutdown.onTimer();
      if (shutdown.isAnnounced) announced.resolve();
      if (shutdown.isDue) void listeners.stop(true);
    };
    const steps = setInterval(goOn, SHUTDOWN_TICK);
    goOn();
    await announced.promise;
    await listeners.stop();
    clearInterval(steps);
    clearInterval(ticker);
    clearInterval(guarding);
  };
  let stopped: Promise<void> | undefined;

  return {
    url: listeners.url,
    onTimer,
    connections: () => ({ websocket: sockets.size, ...responses.counts, poll: polls.size }),
    certificate: () => listeners.certificate,
    replaceCertificate(certificate) {
      listeners.replaceCertificate(certificate);
      onListening();
    },
    stop: () => (stopped ??= stop()),
  };
}
