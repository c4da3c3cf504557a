import { Problem } from "../protocol/problem.ts";
import type { Connection, RequestContext, Services } from "./http/request-context.ts";
import { addBody, RequestParameters } from "./http/parameters.ts";
import { problemResponse, noContent } from "./http/responses.ts";
import type { Logger } from "./log.ts";
import { ROUTES } from "./routes/routes.ts";

/** The files of the page, by path. */
export type Pages = Readonly<Record<string, (request: Request) => Response>>;

/** Routes requests to handlers. Handlers throw a {@link Problem}; this is the only place that turns it into a response. */
export class App {
  private readonly services: Services;
  private readonly pages: Pages;
  private readonly log: Logger;

  constructor(services: Services, pages: Pages, log: Logger) {
    this.services = services;
    this.pages = pages;
    this.log = log;
  }

  /** Returns undefined if the connection was upgraded to a WebSocket. Never throws. */
  handle(request: Request, connection: Connection): Response | undefined | Promise<Response | undefined> {
    this.services.hub.counters.requests++;
    try {
      const answer = this.route(request, connection);
      return answer instanceof Promise ? this.handleRejection(answer, routeName(request)) : answer;
    } catch (error) {
      return this.answerError(routeName(request), error);
    }
  }

  /** Does not keep the request: a long poll may wait for a minute. */
  private handleRejection(
    answer: Promise<Response | undefined>,
    route: string,
  ): Promise<Response | undefined> {
    return answer.catch((error: unknown) => this.answerError(route, error));
  }

  private answerError(route: string, error: unknown): Response {
    const problem = Problem.of(error);
    if (problem !== error) this.log.error(route, error);
    return this.reject(problem);
  }

  private reject(problem: Problem, headers?: Record<string, string>): Response {
    this.services.hub.counters.reject(problem.code);
    return problemResponse(problem, headers);
  }

  private methodNotAllowed(methods: string[]): Response {
    const allow = [...methods, "OPTIONS"].join(", ");
    return this.reject(new Problem("method_not_allowed", `Allowed methods: ${allow}`), { allow });
  }

  private route(
    request: Request,
    connection: Connection,
  ): Response | undefined | Promise<Response | undefined> {
    checkHost(request);
    const { path, query } = splitUrl(request.url);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
    if (route === undefined) return this.page(path, method, request);
    const allowed = Object.keys(route);
    if (method === "OPTIONS") return preflight(allowed);
    const handler = Object.hasOwn(route, method) ? route[method] : undefined;
    if (handler === undefined) return this.methodNotAllowed(allowed);
    const parameters = new RequestParameters(query);
    const { hub, limits, clients, responses, polls, pageInit } = this.services;
    const context: RequestContext = {
      hub,
      limits,
      clients,
      responses,
      polls,
      pageInit,
      request,
      client: clients.of(request, connection.address(request)),
      parameters,
      connection,
    };
    if (method === "GET" || request.body === null) return handler(context);
    return addBody(parameters, request).then(() => handler(context));
  }

  private page(path: string, method: string, request: Request): Response {
    const page = Object.hasOwn(this.pages, path) ? this.pages[path] : undefined;
    if (page === undefined) throw new Problem("not_found", "No such path");
    if (method === "OPTIONS") return preflight(["GET"]);
    return method === "GET" ? page(request) : this.methodNotAllowed(["GET"]);
  }
}

/**
 * Rejects two Host headers and a malformed one, which RFC 9112 §3.2 demands and the runtime does not do. The runtime itself
 * rejects a missing one in HTTP/1.1. With HTTP/1.0 or a malformed one, the request has no absolute URL.
 */
function checkHost(request: Request): void {
  if (!request.url.startsWith("http")) throw new Problem("bad_request", "Missing or malformed Host header");
  if (request.headers.get("host")?.includes(","))
    throw new Problem("bad_request", "More than one Host header");
}

const PATHS = Object.keys(ROUTES);

/** Names the route of a request for the log, without anything chosen by the client. */
function routeName({ url, method }: Request): string {
  const { path } = url.startsWith("http") ? splitUrl(url) : { path: "" };
  // Not `path` itself, which is a slice of the URL and would keep it.
  const route = PATHS.find((known) => known === path);
  return route === undefined ? "a request" : `${method} ${route}`;
}

/** Splits by hand, because constructing a `URL` costs more than the rest of a publish. */
function splitUrl(url: string): { path: string; query: string } {
  const start = url.indexOf("/", "https://".length);
  const mark = url.indexOf("?", start);
  return mark === -1
    ? { path: url.slice(start), query: "" }
    : { path: url.slice(start, mark), query: url.slice(mark + 1) };
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
