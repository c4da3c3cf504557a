import type { Wire } from "./connection.ts";
import { MaltenError } from "./error.ts";
import { EventStreamParser } from "./event-stream.ts";
import { decode, notMalten } from "./http.ts";
import type { Listening } from "./http-connection.ts";
import { watch } from "./watchdog.ts";

/** Listens by server-sent events. `EventSource` is not used: Node has none, and it tells neither errors nor silence. */
export async function readEvents(listening: Listening): Promise<void> {
  const { http, stream, listener, server, signal, silence, begun, retry } = listening;
  const { name, status } = listener.person;
  const stop = new AbortController();
  const watchdog = watch(silence, (error) => stop.abort(error));
  try {
    const { body, headers } = await http.open(
      "/events",
      { stream, last: listener.resume(server), name, status },
      { signal: AbortSignal.any([signal, stop.signal]), headers: { accept: "text/event-stream" } },
    );
    // WHATWG HTML §9.2.2
    if (body === null || !/^text\/event-stream *(;|$)/i.test(headers.get("content-type") ?? ""))
      throw notMalten();
    let wantsMore = true;
    const parser = new EventStreamParser((type, data) => {
      if (type === "message") wantsMore &&= listener.take(decode<Wire>(data, "Id"));
    }, retry);
    const decoder = new TextDecoder();
    const reader: ByteReader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) throw new MaltenError("unreachable", "Connection closed");
      watchdog.heard();
      begun();
      parser.push(decoder.decode(value, { stream: true }));
      if (!wantsMore) return stop.abort();
      if (parser.lastEventId) listener.reached(parser.lastEventId, server);
    }
  } catch (error) {
    // Runtimes do not agree on what they throw when they are told to stop.
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    watchdog.stop();
  }
}

/** What there is of a reader here: the runtimes' types do not agree on the rest. */
interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}
