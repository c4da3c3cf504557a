import { check, decodeMessages, serverOf } from "../decode.ts";
import { parseGap } from "../message.ts";
import type { WireItem } from "./connection.ts";
import type { ListenRequest } from "./http-connection.ts";

/** Messages per response. */
const PAGE = 256;

/** Presence is fetched again after this many milliseconds at the earliest. */
const PRESENCE = 5000;

/** Listens by long polls, for networks that block WebSockets and buffer open responses. */
export async function* poll(request: ListenRequest): AsyncGenerator<WireItem, void> {
  const { http, stream, silence, signal } = request;
  const longest = Math.max(1, Math.floor(silence / 1500));
  let { cursor } = request;
  let last: string | undefined;
  let next = 0;
  // The first poll is answered immediately: it shows that this transport works, and what is missing.
  for (let wait = 0; ; wait = longest) {
    const parameters =
      // Only for the current position of the stream, not for the newest message itself.
      cursor ? { stream, limit: PAGE, wait, last: cursor } : { stream, limit: 1 };
    const { headers, body } = await http.request("/messages", parameters, { signal, timeout: silence });
    const server = serverOf(headers);
    const messages = decodeMessages(body);
    const newest = messages.at(-1);
    const { Cursor: end } = check<{ Cursor: string }>({
      Cursor: newest ? `${newest.Created}-${server}` : headers.get("malten-cursor"),
    });
    const gap = parseGap(headers.get("malten-gap"));
    // Presence may have changed, and only this makes the SDK fetch it again.
    if (server !== last || Date.now() > next) {
      // For a cursor of another server, it begins with everything kept.
      const begin = gap?.from === "0" ? `0-${server}` : (cursor ?? end);
      yield { Type: "event", Text: "welcome", Server: server, Cursor: begin };
      last = server;
      next = Date.now() + PRESENCE;
    }
    if (gap) yield { Type: "event", Text: "gap", From: gap.from, To: gap.to };
    if (cursor) yield* messages;
    cursor = end;
  }
}
