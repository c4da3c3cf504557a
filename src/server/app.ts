import { Problem } from "../protocol/problem.ts";
import type { Connection, Exchange, Services } from "./http/request-context.ts";
import { addBody, RequestParameters } from "./http/parameters.ts";
import { problemResponse, noContent } from "./http/responses.ts";
import { ROUTES } from "./routes/routes.ts";

/** What is served beside the API, by path. */
export type Pages = Readonly<Record<string, (request: Request) => Response>>;

/** Turns requests into responses. Handlers throw a {@link Problem}; here is the one edge that writes it. */
export class App {
  private readonly services: Services;
  private readonly pages: Pages;

  constructor(services: Services, pages: Pages) {
    this.services = services;
    this.pages = pages;
  }

  /** Answers undefined where the connection has become a WebSocket. Never throws. */
  handle(request: Request, connection: Connection): Response | undefined | Promise<Response | undefined> {
    try {
      const answer = this.route(request, connection);
      return answer instanceof Promise ? answer.catch((error: unknown) => problemResponse(error)) : answer;
    } catch (error) {
      return problemResponse(error);
    }
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
    if (handler === undefined) return methodNotAllowed(allowed);
    const parameters = new RequestParameters(query);
    const { hub, limits, subscribers, polls } = this.services;
    const exchange: Exchange = { hub, limits, subscribers, polls, request, parameters, connection };
    if (method === "GET" || request.body === null) return handler(exchange);
    return addBody(parameters, request).then(() => handler(exchange));
  }

  private page(path: string, method: string, request: Request): Response {
    const page = Object.hasOwn(this.pages, path) ? this.pages[path] : undefined;
    if (page === undefined) throw new Problem("not_found", "There is nothing at this path");
    if (method === "OPTIONS") return preflight(["GET"]);
    return method === "GET" ? page(request) : methodNotAllowed(["GET"]);
  }
}

/**
 * The runtime accepts what RFC 9112 §3.2 says to refuse: two Host headers, and one that is no host. It answers a missing
 * one in HTTP/1.1 itself; in HTTP/1.0, as in the second case, there is then no absolute URL.
 */
function checkHost(request: Request): void {
  if (!request.url.startsWith("http"))
    throw new Problem("bad_request", "The Host header is missing or malformed");
  if (request.headers.get("host")?.includes(","))
    throw new Problem("bad_request", "There is more than one Host header");
}

/** By hand: a `URL` for each request costs more than all that follows. */
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

function methodNotAllowed(methods: string[]): Response {
  const allow = [...methods, "OPTIONS"].join(", ");
  return problemResponse(new Problem("method_not_allowed", `Allowed here: ${allow}`), { allow });
}
