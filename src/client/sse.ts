import type { WireEvent, WireMessage } from "../protocol/message.ts";
import { MaltenError } from "./error.ts";
import { EventStreamParser } from "./event-stream.ts";
import { decode } from "./http.ts";
import type { Listening } from "./http-connection.ts";
import { Watchdog } from "./watchdog.ts";

/** How long the first byte may take, in milliseconds: what is held back until it is complete never comes. */
const FIRST_BYTE = 10_000;

/** Listens by server-sent events. `EventSource` is not used: Node has none, and it tells neither errors nor silence. */
export async function readEvents(listening: Listening): Promise<void> {
  const { http, stream, listener, server, signal } = listening;
  const stop = new AbortController();
  const silent = () => stop.abort(new MaltenError("unreachable", "The connection is silent"));
  let watchdog = new Watchdog(Math.min(listening.silence, FIRST_BYTE), silent);
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    const response = await http.open(
      "/events",
      { stream, last: listener.resume(server), name: listener.person?.name, status: listener.person?.status },
      { signal: either, headers: { accept: "text/event-stream" } },
    );
    const reader = bodyOf(response).getReader();
    let wantsMore = true;
    const parser = new EventStreamParser({
      event(type, data) {
        if (type === "message")
          wantsMore &&= listener.take(decode<WireMessage | WireEvent>(data, "Id", "Text"));
      },
      retry: (milliseconds) => listening.retry(milliseconds),
    });
    const decoder = new TextDecoder();
    for (let first = true; ; first = false) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) throw new MaltenError("unreachable", "The server ended the response");
      if (first) {
        watchdog.stop();
        watchdog = new Watchdog(listening.silence, silent);
        listening.begun();
      }
      watchdog.heard();
      parser.push(decoder.decode(value, { stream: true }));
      if (!wantsMore) return stop.abort(new MaltenError("aborted", "Not listening"));
      if (parser.lastEventId !== "") listener.reached(parser.lastEventId, server);
    }
  } catch (error) {
    throw MaltenError.of(either.aborted ? either.reason : error);
  } finally {
    watchdog.stop();
  }
}

/** Its body, where it is an event stream (WHATWG HTML §9.2.2). @throws MaltenError */
function bodyOf({ body, headers }: Response): ReadableStream<Uint8Array> {
  if (body !== null && /^text\/event-stream *(;|$)/i.test(headers.get("content-type") ?? "")) return body;
  throw new MaltenError("bad_response", "The answer is no event stream");
}
