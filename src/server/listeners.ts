import { parseAddress } from "../protocol/address.ts";
import { peerOf, type Peer } from "./guard/live-peers.ts";
import { isLoopback } from "./limits/networks.ts";
import type { Clock } from "../core/clock.ts";
import type { Connection } from "./http/request-context.ts";
import { closeListeningSocket, listeningSockets } from "./listening-sockets.ts";
import type { SocketConnection } from "./live/socket-connection.ts";
import type { Sockets } from "./live/sockets.ts";
import type { Certificate } from "./tls/certificate.ts";

type RuntimeServer = Bun.Server<SocketConnection>;

/**
 * How long connections of an earlier certificate may stay idle between two requests, in milliseconds: longer than the idle timeout
 * of the runtime, so that it is the one to close them.
 */
const RETIREMENT = 60_000;

/** A server that no longer accepts connections. */
interface Retired {
  readonly server: RuntimeServer;
  /** When {@link RETIREMENT} ends; undefined once it has. */
  until: number | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Address to listen on; undefined: all. */
  readonly host: string | undefined;
  /** Undefined: plain HTTP. */
  readonly certificate?: Certificate | undefined;
  /** The number of processes that listen on the port; absent: 1. With others, it must be known that the port is free. */
  readonly processes?: number;
  readonly clock: Clock;
}

/** What to do with connections. */
export interface ListenHandlers {
  fetch(request: Request, connection: Connection): Response | undefined | Promise<Response | undefined>;
  error(error: Error): Response;
  readonly sockets: Sockets;
  /** In seconds. */
  readonly idleTimeout: number;
  /** In bytes. */
  readonly maxRequestBodySize: number;
}

/**
 * The listening sockets of a server: one, and after {@link replaceCertificate} the earlier ones too, which accept no
 * connections any more but keep those they have. The runtime cannot change the certificate of a socket.
 */
export class Listeners {
  private current: RuntimeServer;
  private currentCertificate: Certificate | undefined;
  /** Descriptors of the listening sockets of `current`; undefined if the system does not report them. */
  private descriptors: readonly number[] | undefined;
  /** Servers that still have connections of earlier certificates. */
  private readonly retired = new Set<Retired>();
  /** Whether a second socket may listen on the port, to replace the first. */
  private readonly sharesPort: boolean;
  private readonly options: ListenOptions;
  private readonly handlers: ListenHandlers;

  /** Starts to listen. @throws an error with code `EADDRINUSE` if the port is in use */
  constructor(options: ListenOptions, handlers: ListenHandlers) {
    const hasOthers = options.processes !== undefined && options.processes > 1;
    // Windows has no SO_REUSEPORT, and no SIGHUP to replace a certificate.
    this.sharesPort = hasOthers || (options.certificate !== undefined && process.platform !== "win32");
    this.options = this.sharesPort && !hasOthers ? { ...options, port: findFreePort(options) } : options;
    this.handlers = handlers;
    this.currentCertificate = options.certificate;
    // Only a certificate is ever replaced.
    const others = options.certificate === undefined ? undefined : findListeningSockets();
    this.current = this.open(options.certificate);
    this.descriptors = newSockets(others);
  }

  get url(): URL {
    return this.current.url;
  }

  /** The certificate of new connections; undefined: plain HTTP. */
  get certificate(): Certificate | undefined {
    return this.currentCertificate;
  }

  /**
   * Uses the certificate for new connections. The others stay open; those that are between two requests end with the next one.
   * Only for a server with a certificate.
   */
  replaceCertificate(certificate: Certificate): void {
    const others = findListeningSockets();
    const next = this.open(certificate);
    const previous = { server: this.current, until: this.options.clock.monotonic() + RETIREMENT };
    this.retired.add(previous);
    if (!closeSockets(this.descriptors)) this.end(previous);
    this.current = next;
    this.currentCertificate = certificate;
    this.descriptors = newSockets(others);
  }

  /** Ends idle connections of earlier certificates. Called about once a second. */
  onTimer(): void {
    const now = this.options.clock.monotonic();
    for (const retired of this.retired)
      if (retired.until !== undefined && retired.until <= now) this.end(retired);
  }

  /** Sends a text to all WebSockets of a topic. Returns 0 or less if it was buffered or dropped for one of them. */
  publish(topic: string, text: string): number {
    if (this.retired.size === 0) return this.current.publish(topic, text, false);
    const results = Array.from(this.all()).flatMap((server) =>
      server.subscriberCount(topic) === 0 ? [] : [server.publish(topic, text, false)],
    );
    return Math.min(...results);
  }

  /** Stops listening. Resolves when all connections are closed; `force` closes them. */
  async stop(force = false): Promise<void> {
    await Promise.all(Array.from(this.all(), (server) => server.stop(force)));
  }

  private *all(): Iterable<RuntimeServer> {
    yield this.current;
    for (const { server } of this.retired) yield server;
  }

  /** Closes idle connections. The server is forgotten when the others have ended too. */
  private end(retired: Retired): void {
    retired.until = undefined;
    void retired.server.stop().then(() => this.retired.delete(retired));
  }

  private open(certificate: Certificate | undefined): RuntimeServer {
    const { port, host } = this.options;
    const { handlers } = this;
    const { sockets, idleTimeout, maxRequestBodySize } = handlers;
    const isLocal = isLoopbackHost(host);
    const connection: Connection = {
      keepOpen: (request, seconds) => server.timeout(request, seconds),
      // Asking for the address takes a twentieth of a publish.
      address: isLocal ? () => "127.0.0.1" : (request) => server.requestIP(request)?.address ?? "",
      peer: (request) => peerOfSocket(server.requestIP(request)),
      upgrade: (request, opening) => server.upgrade(request, sockets.accept(opening)),
    };
    const server: RuntimeServer = Bun.serve({
      port,
      ...(host !== undefined && { hostname: host }),
      ...(certificate !== undefined && { tls: { cert: certificate.chain, key: certificate.key } }),
      // In development mode, the runtime's error pages show source code.
      development: false,
      // On by default outside of development mode, where a second server would silently share the port.
      reusePort: this.sharesPort,
      idleTimeout,
      maxRequestBodySize,
      fetch: (request) => {
        const answer = handlers.fetch(request, connection);
        return server === this.current ? answer : lastAnswer(answer);
      },
      error: (error) => handlers.error(error),
      websocket: sockets.handlers(),
    });
    return server;
  }
}

/** Returns undefined if the client is gone. */
function peerOfSocket(socket: Bun.SocketAddress | null): Peer | undefined {
  const address = socket === null ? undefined : parseAddress(socket.address);
  return socket === null || address === undefined ? undefined : peerOf(address, socket.port);
}

/** Reports whether only this machine can connect to a server that listens on this host. */
function isLoopbackHost(host = ""): boolean {
  const address = parseAddress(host);
  return address === undefined ? host === "localhost" : isLoopback(address);
}

/**
 * Finds out whether the port is free by listening on it for a moment, and chooses one if it is 0: with a shared port, the
 * runtime would not report that another server has it.
 * @throws an error with code `EADDRINUSE`
 */
export function findFreePort({ port, host }: Partial<ListenOptions> & Pick<ListenOptions, "port">): number {
  const probe = Bun.serve({
    port,
    ...(host !== undefined && { hostname: host }),
    reusePort: false,
    development: false,
    fetch: () => new Response(undefined, { status: 503 }),
  });
  const found = probe.port ?? port;
  void probe.stop(true);
  return found;
}

/** Tells the client to use another connection for its next request. */
async function lastAnswer(
  answer: Response | undefined | Promise<Response | undefined>,
): Promise<Response | undefined> {
  const response = await answer;
  response?.headers.set("connection", "close");
  return response;
}

/** Returns undefined if the system does not report them. */
function findListeningSockets(): number[] | undefined {
  try {
    return listeningSockets();
  } catch {
    return undefined;
  }
}

/** Returns the listening sockets besides `others`. */
function newSockets(others: readonly number[] | undefined): number[] | undefined {
  return others && findListeningSockets()?.filter((descriptor) => !others.includes(descriptor));
}

/** Returns whether all sockets were closed. */
function closeSockets(descriptors: readonly number[] | undefined): boolean {
  try {
    for (const descriptor of descriptors ?? []) closeListeningSocket(descriptor);
    return descriptors !== undefined && descriptors.length > 0;
  } catch {
    return false;
  }
}
