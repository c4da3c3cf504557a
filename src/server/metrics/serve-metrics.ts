import type { Logger } from "../log.ts";
import { CONTENT_TYPES, expose, preferredFormat, type Metric } from "./exposition.ts";

export interface MetricsOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  readonly log: Logger;
}

export interface MetricsListener {
  readonly url: URL;
  stop(): Promise<void>;
}

/**
 * Answers `GET /metrics` on a port of its own, which need not be reachable for the users of the server.
 * @throws an error with code `EADDRINUSE` if the port is in use
 */
export function serveMetrics(
  { port, host, log }: MetricsOptions,
  collect: () => readonly Metric[],
): MetricsListener {
  const server = Bun.serve({
    port,
    hostname: host,
    development: false,
    reusePort: false,
    maxRequestBodySize: 0,
    fetch: (request) => answer(request, collect),
    // Instead of the runtime, which would print the message.
    error(error) {
      log.error("GET /metrics", error);
      return new Response("Internal error\n", { status: 500 });
    },
  });
  return { url: server.url, stop: () => server.stop(true) };
}

function answer(request: Request, collect: () => readonly Metric[]): Response {
  // Without a Host header, as in HTTP/1.0, the URL is only a path, or not even that.
  if (URL.parse(request.url, "http://localhost")?.pathname !== "/metrics")
    return new Response("See /metrics\n", { status: 404 });
  if (request.method !== "GET" && request.method !== "HEAD")
    return new Response("Allowed methods: GET, HEAD\n", { status: 405, headers: { allow: "GET, HEAD" } });
  const format = preferredFormat(request.headers.get("accept") ?? "");
  return new Response(expose(collect(), format), {
    headers: { "content-type": CONTENT_TYPES[format], "cache-control": "no-store" },
  });
}
