import { copyString } from "../core/copy-string.ts";
import { Problem } from "../protocol/problem.ts";
import type { AllowedHosts } from "./http/hosts.ts";
import type { AllowedOrigins } from "./http/origins.ts";
import { addBody } from "./http/parameters.ts";
import { RequestContext, type Connection, type Sender, type Services } from "./http/request-context.ts";
import { problemResponse, noContent } from "./http/responses.ts";
import type { BlockedClients } from "./guard/blocked-clients.ts";
import type { Logger } from "./log.ts";
import { ROUTES } from "./routes/routes.ts";
import { redirectToStream } from "./stream-address.ts";

/** The files of the page, by path. */
export type Pages = Readonly<Record<string, (request: Request) => Response>>;

/** What an app needs besides the services of handlers. */
interface AppOptions {
  readonly pages: Pages;
  readonly log: Logger;
  readonly hosts: AllowedHosts;
  readonly origins: AllowedOrigins;
  /** Undefined if the system cannot block clients. */
  readonly blocked: Pick<BlockedClients, "refused"> | undefined;
}

/** Status codes of requests that no correct client sends. They cost more than others. */
const MALFORMED = [400, 413, 415];

/** Answered for any host: health checks use names that an operator does not think of, and these answers reveal nothing. */
const PROBES = ["/health", "/ready"];

/** Their answers close the connection, so that requests pipelined behind a refused one cost nothing. */
const OVERLOAD: readonly number[] = [429, 503];

/** The one of them that the client itself is the reason for. */
const REFUSED = 429;

/** Routes requests to handlers. Handlers throw a {@link Problem}; this is the only place that turns it into a response. */
export class App {
  private readonly services: Services;
  private readonly pages: Pages;
  private readonly log: Logger;
  private readonly hosts: AllowedHosts;
  private readonly origins: AllowedOrigins;
  private readonly blocked: AppOptions["blocked"];
  /** The last Host header that was allowed: usually the only one. */
  private allowedHost: string | undefined = undefined;

  constructor(services: Services, { pages, log, hosts, origins, blocked }: AppOptions) {
    this.services = services;
    this.pages = pages;
    this.log = log;
    this.hosts = hosts;
    this.origins = origins;
    this.blocked = blocked;
  }

  /** Returns undefined if the connection was upgraded to a WebSocket. Never throws. */
  handle(request: Request, connection: Connection): Response | undefined | Promise<Response | undefined> {
    this.services.hub.counters.requests++;
    const answer = this.answer(request, connection);
    if (this.origins.includesAll) return answer;
    const access = this.origins.accessOf(request);
    return answer instanceof Promise
      ? answer.then((late) => this.origins.restrict(late, access))
      : this.origins.restrict(answer, access);
  }

  private answer(
    request: Request,
    connection: Connection,
  ): Response | undefined | Promise<Response | undefined> {
    const context = new RequestContext(this.services, request, connection);
    try {
      this.services.shutdown.check();
      const answer = this.route(context);
      if (!(answer instanceof Promise)) return answer;
      const { client, address } = context;
      return this.handleRejection(answer, routeName(request), { client, address });
    } catch (error) {
      return this.answerError(routeName(request), error, context);
    }
  }

  /** Does not keep the request: a long poll may wait for a minute. */
  private handleRejection(
    answer: Promise<Response | undefined>,
    route: string,
    sender: Sender,
  ): Promise<Response | undefined> {
    return answer.catch((error: unknown) => this.answerError(route, error, sender));
  }

  private answerError(route: string, error: unknown, { client, address }: Sender): Response {
    const problem = Problem.of(error);
    if (problem !== error) this.log.error(route, error);
    if (MALFORMED.includes(problem.status)) client.chargeMalformed();
    if (problem.status === REFUSED) this.blocked?.refused(client, address);
    return this.reject(problem, OVERLOAD.includes(problem.status) ? { connection: "close" } : {});
  }

  private reject(problem: Problem, headers?: Record<string, string>): Response {
    this.services.hub.counters.reject(problem.code);
    return problemResponse(problem, headers);
  }

  /** Adds the parameters of the body. @throws Problem as `addBody`, and `too_busy`, `too_many_connections` */
  private async readBody({ request, parameters, client }: RequestContext): Promise<void> {
    const { bodies } = this.services;
    const reserved = bodies.reserve(request, client);
    try {
      await addBody(parameters, request);
    } finally {
      bodies.release(reserved, client);
    }
  }

  private methodNotAllowed(methods: string[]): Response {
    const allow = [...methods, "OPTIONS"].join(", ");
    return this.reject(new Problem("method_not_allowed", `Allowed methods: ${allow}`), { allow });
  }

  private route(context: RequestContext): Response | undefined | Promise<Response | undefined> {
    const { request, parameters } = context;
    const { path, query } = this.checkTarget(request);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
    if (route === undefined) return this.page(path, method, request);
    const handler = Object.hasOwn(route, method) ? route[method] : undefined;
    if (handler === undefined) {
      const allowed = Object.keys(route);
      return method === "OPTIONS" ? preflight(allowed) : this.methodNotAllowed(allowed);
    }
    parameters.addForm(query);
    if (method === "GET" || request.body === null) return handler(context);
    return this.readBody(context).then(() => {
      // Listeners may have left while the body arrived, so they would miss what is published now.
      this.services.shutdown.check();
      return handler(context);
    });
  }

  /**
   * Checks the host and the origin of a request and splits its URL. Rejects two Host headers and a malformed one, which RFC 9112
   * §3.2 demands and the runtime does not do. The runtime itself rejects a missing one in HTTP/1.1. With HTTP/1.0 or a malformed
   * one, the request has no absolute URL.
   */
  private checkTarget(request: Request): Target {
    const { url } = request;
    if (!url.startsWith("http")) throw new Problem("bad_request", "Missing or malformed Host header");
    const target = splitUrl(url);
    const host = request.headers.get("host") ?? "";
    if (host !== this.allowedHost) {
      if (host.includes(",")) throw new Problem("bad_request", "More than one Host header");
      if (!PROBES.includes(target.path)) {
        this.hosts.check(authorityOf(url));
        this.allowedHost = copyString(host);
      }
    }
    this.origins.check(request);
    return target;
  }

  private page(path: string, method: string, request: Request): Response {
    const page = Object.hasOwn(this.pages, path) ? this.pages[path] : undefined;
    if (page === undefined) {
      const redirect = method === "GET" ? redirectToStream(path, request) : undefined;
      if (redirect !== undefined) return redirect;
      throw new Problem("not_found", "No such path");
    }
    if (method === "OPTIONS") return preflight(["GET"]);
    return method === "GET" ? page(request) : this.methodNotAllowed(["GET"]);
  }
}

const PATHS = Object.keys(ROUTES);

/** Names the route of a request for the log, without anything chosen by the client. */
function routeName({ url, method }: Request): string {
  const { path } = url.startsWith("http") ? splitUrl(url) : { path: "" };
  // Not `path` itself, which is a slice of the URL and would keep it.
  const route = PATHS.find((known) => known === path);
  return route === undefined ? "a request" : `${method} ${route}`;
}

/** The parts of a URL that handlers need. */
interface Target {
  readonly path: string;
  readonly query: string;
}

/** Splits by hand, because constructing a `URL` costs more than the rest of a publish. */
function splitUrl(url: string): Target {
  const start = url.indexOf("/", "https://".length);
  const mark = url.indexOf("?", start);
  return mark === -1
    ? { path: url.slice(start), query: "" }
    : { path: url.slice(start, mark), query: url.slice(mark + 1) };
}

/** Returns the host that the runtime took from the Host header, in lower case, and its port if it is not the usual one. */
function authorityOf(url: string): string {
  const start = url.indexOf("//") + 2;
  return url.slice(start, url.indexOf("/", start));
}

function preflight(methods: string[]): Response {
  const allow = [...methods, "OPTIONS"].join(", ");
  return noContent({
    allow,
    "access-control-allow-methods": allow,
    "access-control-allow-headers": "authorization, content-type, last-event-id",
    "access-control-max-age": "86400",
  });
}
