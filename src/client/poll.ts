import type { WireMessage } from "../protocol/message.ts";
import { decode, notMalten } from "./http.ts";
import type { Listening } from "./http-connection.ts";
import { gapBetween } from "./message.ts";

/** Messages in one answer. */
const PAGE = 256;

/** Listens by long polls: where neither WebSockets nor responses that stay open get through. */
export async function poll(listening: Listening): Promise<void> {
  const { http, stream, listener, server, silence, signal, begun } = listening;
  const wait = Math.max(1, Math.floor(silence / 1500));
  // The first answer comes at once: it says that this works, and what is missing.
  for (let first = true; ; first = false) {
    const last = listener.resume(server);
    // There, 0 asks for the newest page; one nanosecond later comes all that is kept.
    const after = last === "0" ? "1" : last;
    const parameters =
      // Where the stream is now: the newest message itself is not wanted.
      last === undefined
        ? { stream, limit: 1 }
        : { stream, limit: PAGE, wait: first ? 0 : wait, last: after };
    const { headers, body } = await http.request("/messages", parameters, { signal, timeout: silence });
    // Whoever was told something may have ended this.
    if (signal.aborted) return;
    begun();
    const messages = decode<WireMessage[]>(body, "length");
    const gap = gapBetween(headers.get("malten-gap"));
    // The second part of an id tells its server.
    if (gap) {
      const event = { Type: "event", Text: "gap", Id: `-${server}`, From: gap.from, To: gap.to } as const;
      if (!listener.take(event)) return;
    }
    if (last !== undefined) for (const message of messages) if (!listener.take(message)) return;
    const cursor = messages.at(-1)?.Created ?? headers.get("malten-cursor");
    if (!cursor) throw notMalten();
    listener.reached(cursor, server);
  }
}
