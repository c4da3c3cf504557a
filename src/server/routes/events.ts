import type { Format } from "../../core/batch.ts";
import { Problem } from "../../protocol/problem.ts";
import { LINES_SUBPROTOCOL } from "../../protocol/socket.ts";
import { readPerson, readResume, readStream, readSubscribe, type Parameters } from "../../protocol/query.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { HttpSubscriber } from "../live/http-subscriber.ts";
import { negotiate } from "../http/accept.ts";
import { live } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

const CONTENT_TYPES: Record<Format, string> = {
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
  text: "text/plain; charset=utf-8",
};

/** By the media type in the Accept header. */
const FORMATS: Readonly<Record<string, Format>> = {
  "text/event-stream": "sse",
  "application/x-ndjson": "ndjson",
  "text/plain": "text",
};

/** `GET /events`: subscribes with server-sent events, newline-delimited JSON, plain text or a WebSocket. */
export function subscribe(context: RequestContext): Response | undefined {
  const { request, client, parameters, connection, hub, responses } = context;
  const listens = readSubscribe(parameters);
  // Without a subscription it is only the stream of frames that name none, and frames are checked themselves.
  const stream = listens ? context.streamFor("reader") : readStream(parameters);
  const cursor = resumeCursor(request, parameters, hub.server);
  const person = readPerson(parameters, stream);
  if (!listens && (cursor !== undefined || person !== undefined)) {
    throw new Problem(
      "bad_parameter",
      "subscribe=false cannot be combined with last, Last-Event-ID, name or status",
    );
  }
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    if (!/\bupgrade\b/i.test(request.headers.get("connection") ?? "")) throw badHandshake();
    const framing = offersLines(request) ? "lines" : "single";
    const peer = connection.peer(request);
    if (listens) client.openListener(peer);
    else client.openConnection(peer);
    if (connection.upgrade(request, { client, peer, stream, framing, listens, cursor, person }))
      return undefined;
    if (listens) client.closeListener(peer);
    else client.closeConnection(peer);
    throw badHandshake();
  }
  if (!listens) {
    // A browser cannot tell why its WebSocket was refused, so clients ask over HTTP.
    client.openConnection();
    client.closeConnection();
    throw new Problem("bad_parameter", "subscribe=false requires a WebSocket");
  }
  const format = negotiate(request.headers.get("accept") ?? "", FORMATS, "sse");
  if (request.method === "HEAD") return live(null, CONTENT_TYPES[format]);
  // Afterwards the response has begun, and can only be ended.
  if (!hub.isReady(stream)) throw new Problem("unavailable");
  const peer = connection.peer(request);
  client.openListener(peer);
  connection.keepOpen(request, 0);
  const subscriber = new HttpSubscriber(responses, hub, { client, peer, stream, cursor, person }, format);
  return live(new ReadableStream(subscriber), CONTENT_TYPES[format]);
}

function badHandshake(): Problem {
  return new Problem("bad_request", "Malformed WebSocket handshake");
}

/** RFC 6455 §4.2.2: the client offers subprotocols, the server picks one of them or none. */
function offersLines(request: Request): boolean {
  const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  return offered.some((name) => name.trim() === LINES_SUBPROTOCOL);
}

/** The header takes precedence: browsers send it when they reconnect to their original URL. */
function resumeCursor(request: Request, parameters: Parameters, server: string): Cursor | undefined {
  const header = readResume(request.headers.get("last-event-id") ?? undefined, server, "Last-Event-ID");
  const id = readResume(parameters.get("last_event_id"), server, "last_event_id");
  const last = readResume(parameters.get("last"), server);
  return header ?? id ?? last;
}
