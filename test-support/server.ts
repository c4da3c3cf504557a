// Servers for tests, with and without a port.
import { MemoryBroker } from "../src/brokers/memory/broker.ts";
import type { Broker } from "../src/core/broker.ts";
import type { Clock } from "../src/core/clock.ts";
import { Hub } from "../src/core/hub.ts";
import type { Message } from "../src/core/message.ts";
import { IdGenerator } from "../src/core/id-generator.ts";
import type { WireMessage } from "../src/protocol/message.ts";
import type { ProblemDetails } from "../src/protocol/problem.ts";
import { checkText } from "../src/protocol/text.ts";
import { App } from "../src/server/app.ts";
import { AllowedHosts } from "../src/server/http/hosts.ts";
import { AllowedOrigins } from "../src/server/http/origins.ts";
import type { Connection, ServerLimits } from "../src/server/http/request-context.ts";
import { pageInit } from "../src/server/http/responses.ts";
import { Clients } from "../src/server/limits/clients.ts";
import { LiveResponses } from "../src/server/live/live-responses.ts";
import { Stalls } from "../src/server/live/stalls.ts";
import { BodyBudget } from "../src/server/http/body-budget.ts";
import { LongPolls } from "../src/server/live/long-polls.ts";
import { ServerLog } from "../src/server/log.ts";
import { Shutdown } from "../src/server/shutdown.ts";
import { serve, type RunningServer } from "../src/server/serve.ts";
import type { SocketOpening } from "../src/server/live/socket-connection.ts";
import { eventLoopScheduler } from "../src/server/scheduler.ts";
import type { Certificate } from "../src/server/tls/certificate.ts";
import { ManualClock } from "./clock.ts";
import { testLimits } from "./limits.ts";

const REAL_CLOCK: Clock = { wall: () => Date.now() * 1000, monotonic: () => performance.now() };

export interface TestServerOptions extends Partial<ServerLimits> {
  readonly clock?: Clock;
  /** Serves HTTPS. The certificate can be replaced. */
  readonly certificate?: Certificate | undefined;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** The server's name in cursors. */
  readonly name?: string;
  /** Wraps the broker, to inject faults. */
  readonly wrap?: (broker: Broker) => Broker;
}

/** Makes a hub as `main.ts` does. */
function makeHub(clock: Clock, limits: ServerLimits, options: TestServerOptions): Hub {
  const { name = "test", wrap = (broker) => broker } = options;
  const ids = new IdGenerator(clock, name);
  return new Hub(wrap(new MemoryBroker(limits, ids, clock)), ids, clock, eventLoopScheduler);
}

/** A server without a port. */
export class TestApp {
  readonly clock = new ManualClock();
  readonly hub: Hub;
  /** Requests whose response may be silent for longer than the default. */
  readonly keptOpen: Request[] = [];
  /** The openings of WebSockets. */
  readonly upgrades: SocketOpening[] = [];
  /** Who was refused with 429: keys of clients, and the addresses of their connections. */
  readonly refused: { readonly client: string; readonly address: string }[] = [];
  /** The address that requests come from. */
  address = "127.0.0.1";
  /** The result of {@link Connection.upgrade}. */
  upgradable = true;
  /** The lines of the log. */
  readonly logged: string[] = [];
  private readonly app: App;

  constructor(options: TestServerOptions = {}) {
    const limits = testLimits(options);
    this.hub = makeHub(this.clock, limits, options);
    const log = new ServerLog((line) => this.logged.push(line), this.clock);
    const services = {
      hub: this.hub,
      limits,
      clients: new Clients({ limits, clock: this.clock, log }),
      responses: new LiveResponses(this.clock, new Stalls(this.clock, limits.maxMemory), log),
      polls: new LongPolls(),
      shutdown: new Shutdown(this.clock),
      bodies: new BodyBudget(limits.maxMemory),
      pageInit: pageInit(this.hub.server),
    };
    this.app = new App(services, {
      pages: { "/": () => new Response("the page") },
      log,
      hosts: new AllowedHosts(limits.allowHosts, undefined, "machine.example"),
      blocked: { refused: ({ key }, address) => void this.refused.push({ client: key, address }) },
      origins: new AllowedOrigins(limits.allowOrigins),
    });
  }

  /** Returns undefined if the connection was upgraded to a WebSocket. */
  async handle(request: Request): Promise<Response | undefined> {
    const connection: Connection = {
      address: () => this.address,
      peer: () => 0,
      keepOpen: (kept) => void this.keptOpen.push(kept),
      upgrade: (_, opening) => {
        if (this.upgradable) this.upgrades.push(opening);
        return this.upgradable;
      },
    };
    return this.app.handle(request, connection);
  }

  /** `target` starts with a slash. */
  async request(target: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.handle(new Request(`http://localhost${target}`, init));
    if (response === undefined) throw new Error("upgraded to a WebSocket");
    return response;
  }

  /** Posts a message and returns it as stored. */
  async post(stream: string, text: string): Promise<WireMessage> {
    const response = await this.request("/messages", {
      method: "POST",
      body: new URLSearchParams({ stream, text }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return (await response.json()) as WireMessage;
  }

  /** Returns the texts of `GET /messages?{query}`. */
  async texts(query: string): Promise<string[]> {
    const messages = (await (await this.request(`/messages?${query}`)).json()) as WireMessage[];
    return messages.map(({ Text }) => Text);
  }
}

/** Returns the problem of an error response after checking that it conforms to RFC 9457. */
export async function problemOf(response: Response): Promise<ProblemDetails> {
  const problem = (await response.json()) as ProblemDetails;
  const { code, status } = problem;
  if (response.headers.get("content-type") !== "application/problem+json") throw new Error("not a problem");
  if (status !== response.status || problem.type !== `urn:malten:problem:${code}`)
    throw new Error("not consistent");
  if (Object.keys(problem).join() !== "type,title,status,detail,code") throw new Error("not the members");
  if (response.headers.get("access-control-allow-origin") !== "*") throw new Error("without CORS");
  return problem;
}

/** A server in this process on a free port. */
export class TestServer implements AsyncDisposable {
  readonly hub: Hub;
  readonly port: number;
  /** Without a trailing slash. */
  readonly url: string;
  /** The lines of the log. */
  readonly logged: string[] = [];
  private readonly running: RunningServer;

  constructor(options: TestServerOptions = {}) {
    const { clock = REAL_CLOCK, certificate, port = 0 } = options;
    const limits = testLimits(options);
    this.hub = makeHub(clock, limits, options);
    const pages = { "/": () => new Response("the page") };
    const log = new ServerLog((line) => this.logged.push(line), clock);
    this.running = serve({
      port,
      host: "127.0.0.1",
      certificate,
      hub: this.hub,
      clock,
      limits,
      pages,
      log,
    });
    this.port = Number(this.running.url.port);
    this.url = this.running.url.origin;
  }

  /** Publishes without HTTP. */
  async publish(stream: string, text: string): Promise<Message> {
    return this.hub.publish(stream, checkText(text));
  }

  /** Runs periodic work now. */
  onTimer(): void {
    this.running.onTimer();
  }

  /** The number of open live connections. */
  connections(): ReturnType<RunningServer["connections"]> {
    return this.running.connections();
  }

  replaceCertificate(certificate: Certificate): void {
    this.running.replaceCertificate(certificate);
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Resolves at the end of this turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
