import type { Connection } from "./http/request-context.ts";
import type { SocketConnection } from "./live/socket-connection.ts";
import type { Sockets } from "./live/sockets.ts";
import type { Certificate } from "./tls/certificate.ts";

type RuntimeServer = Bun.Server<SocketConnection>;

/** Where to listen. */
export interface ListenOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Address to listen on; undefined: all. */
  readonly host: string | undefined;
  /** Undefined: plain HTTP. */
  readonly certificate?: Certificate | undefined;
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
  /** No longer listening, with connections. */
  private readonly retired = new Set<RuntimeServer>();
  /** Whether a second socket may listen on the port, to replace the first. */
  private readonly sharesPort: boolean;
  private readonly options: ListenOptions;
  private readonly handlers: ListenHandlers;

  /** Starts to listen. @throws an error with code `EADDRINUSE` if the port is in use */
  constructor(options: ListenOptions, handlers: ListenHandlers) {
    this.sharesPort = options.certificate !== undefined;
    this.options = this.sharesPort ? { ...options, port: findFreePort(options) } : options;
    this.handlers = handlers;
    this.currentCertificate = options.certificate;
    this.current = this.open(options.certificate);
  }

  get url(): URL {
    return this.current.url;
  }

  /** The certificate of new connections; undefined: plain HTTP. */
  get certificate(): Certificate | undefined {
    return this.currentCertificate;
  }

  /**
   * Uses the certificate for new connections. Connections that are idle between two requests are closed, all others stay open.
   * Only for a server with a certificate.
   */
  replaceCertificate(certificate: Certificate): void {
    const next = this.open(certificate);
    const previous = this.current;
    this.current = next;
    this.currentCertificate = certificate;
    this.retired.add(previous);
    void previous.stop().then(() => this.retired.delete(previous));
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
    yield* this.retired;
  }

  private open(certificate: Certificate | undefined): RuntimeServer {
    const { port, host } = this.options;
    const { handlers } = this;
    const { sockets, idleTimeout, maxRequestBodySize } = handlers;
    const connection: Connection = {
      keepOpen: (request, seconds) => server.timeout(request, seconds),
      address: (request) => server.requestIP(request)?.address ?? "",
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
      fetch: (request) => handlers.fetch(request, connection),
      error: (error) => handlers.error(error),
      websocket: sockets.handlers(),
    });
    return server;
  }
}

/**
 * Finds out whether the port is free by listening on it for a moment, and chooses one if it is 0: with a shared port, the
 * runtime would not report that another server has it.
 * @throws an error with code `EADDRINUSE`
 */
function findFreePort({ port, host }: ListenOptions): number {
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
