import { MaltenError } from "../error.ts";
import { decode, notMalten } from "../decode.ts";
import type { WireItem } from "./connection.ts";
import { parseEventStream } from "./event-stream.ts";
import type { ListenRequest } from "./http-connection.ts";
import { watch } from "./watchdog.ts";

/** Listens by server-sent events. Not by `EventSource`: Node has none, and it reports neither errors nor silence. */
export async function* readEvents(request: ListenRequest): AsyncGenerator<WireItem, void> {
  const { http, stream, cursor, person, signal, silence, retry } = request;
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(signal.reason));
  const watchdog = watch(silence, (error) => stop.abort(error));
  try {
    const { body, headers } = await http.open(
      "/events",
      { stream, last: cursor, ...person },
      { signal: stop.signal, headers: { accept: "text/event-stream" } },
    );
    // WHATWG HTML §9.2.2
    if (!body || !/^text\/event-stream\b/i.test(headers.get("content-type") ?? "")) throw notMalten();
    const items: WireItem[] = [];
    const parse = parseEventStream((data) => items.push(decode<WireItem>(data, "Type")), retry);
    const decoder = new TextDecoder();
    const reader: ByteReader = body.getReader();
    // Deno can forget a fetch's signal once it has the headers.
    stop.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new MaltenError("unreachable", "Connection closed");
      watchdog.heard();
      parse(decoder.decode(value, { stream: true }));
      yield* items.splice(0);
    }
  } catch (error) {
    // Runtimes differ in what an aborted fetch throws.
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    watchdog.stop();
    // Closes the connection, also if what came over it was wrong.
    stop.abort();
  }
}

/** The part of a stream reader that is used here: the runtimes' types differ in the rest. */
interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}
