import type { Format } from "../../core/batch.ts";
import { Problem } from "../../protocol/problem.ts";
import { LINES_SUBPROTOCOL } from "../../protocol/socket.ts";
import { readPerson, readResume, readStream, readSubscribe, type Parameters } from "../../protocol/query.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { HttpSubscriber } from "../live/http-subscriber.ts";
import { live } from "../http/responses.ts";
import type { Exchange } from "../http/request-context.ts";

const CONTENT_TYPES: Record<Format, string> = {
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
  text: "text/plain; charset=utf-8",
};

/** `GET /events`: server-sent events, newline-delimited JSON, plain text or a WebSocket, by what the client asks for. */
export function subscribe({
  request,
  parameters,
  connection,
  hub,
  subscribers,
}: Exchange): Response | undefined {
  const stream = readStream(parameters);
  const cursor = resumeCursor(request, parameters);
  const person = readPerson(parameters);
  const listens = readSubscribe(parameters);
  if (!listens && (cursor !== undefined || person !== undefined)) {
    throw new Problem("bad_parameter", "With subscribe=false there is no stream to resume or to be seen at");
  }
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    if (!/\bupgrade\b/i.test(request.headers.get("connection") ?? "")) throw badHandshake();
    const framing = offersLines(request) ? "lines" : "single";
    if (connection.upgrade(request, { stream, framing, listens, cursor, person })) return undefined;
    throw badHandshake();
  }
  if (!listens) throw new Problem("bad_parameter", "subscribe=false is for WebSockets");
  const format = negotiate(request.headers.get("accept") ?? "");
  if (request.method === "HEAD") return live(null, CONTENT_TYPES[format]);
  connection.keepOpen(request, 0);
  const subscriber = new HttpSubscriber(subscribers, hub, { stream, cursor, person }, format);
  return live(new ReadableStream(subscriber), CONTENT_TYPES[format]);
}

function badHandshake(): Problem {
  return new Problem("bad_request", "The WebSocket handshake is malformed");
}

/** RFC 6455 §4.2.2: the client offers subprotocols, the server picks one of them or none. */
function offersLines(request: Request): boolean {
  const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  return offered.some((name) => name.trim() === LINES_SUBPROTOCOL);
}

/** The header wins: it is what a browser sends that comes back by itself, to the URL that it began with. */
function resumeCursor(request: Request, parameters: Parameters): Cursor | undefined {
  const header = readResume(request.headers.get("last-event-id") ?? undefined, "Last-Event-ID");
  const id = readResume(parameters.get("last_event_id"), "last_event_id");
  const last = readResume(parameters.get("last"));
  return header ?? id ?? last;
}

const FORMATS: Readonly<Record<string, Format>> = {
  "text/event-stream": "sse",
  "application/x-ndjson": "ndjson",
  "text/plain": "text",
};

/** The type of the Accept header that is liked best (RFC 9110 §12.5.1), the first of equals; without any, server-sent events. */
function negotiate(accept: string): Format {
  let best: Format = "sse";
  let quality = 0;
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
    const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
    if (format === undefined || !(q > quality)) continue;
    best = format;
    quality = q;
  }
  return best;
}
