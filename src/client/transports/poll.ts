import type { WireMessage } from "../../protocol/message.ts";
import { parseCursor } from "../cursor.ts";
import { decode, notMalten } from "../http.ts";
import { parseGap } from "../message.ts";
import type { ListenRequest } from "./http-connection.ts";

/** Messages in one answer. */
const PAGE = 256;

/** Listens by long polls: where neither WebSockets nor responses that stay open get through. */
export async function poll(request: ListenRequest): Promise<void> {
  const { http, stream, silence, signal } = request;
  const wait = Math.max(1, Math.floor(silence / 1500));
  let { cursor } = request;
  let known = "";
  for (;;) {
    const isFirst = known === "";
    const parameters =
      // Where the stream is now: the newest message itself is not wanted.
      cursor === undefined
        ? { stream, limit: 1 }
        : // The first answer comes at once: it says that this works, and what is missing.
          { stream, limit: PAGE, wait: isFirst ? 0 : wait, last: forward(cursor) };
    const { headers, body } = await http.request("/messages", parameters, { signal, timeout: silence });
    if (signal.aborted) return;
    const server = headers.get("malten-server");
    const messages = decode<WireMessage[]>(body, "length");
    const newest = messages.at(-1);
    const end = newest ? `${newest.Created}-${server}` : headers.get("malten-cursor");
    if (!server || !end) throw notMalten();
    if (server !== known) request.subscribed(server, cursor === undefined ? end : beginOf(cursor, server));
    else request.presenceUnknown();
    known = server;
    const gap = parseGap(headers.get("malten-gap"));
    if (gap) request.received({ Type: "event", Text: "gap", From: gap.from, To: gap.to });
    if (cursor !== undefined) for (const message of messages) request.received(message);
    if (signal.aborted) return;
    cursor = end;
  }
}

/** For `GET /messages`, 0 asks for the newest page; one nanosecond later comes all that is kept. */
function forward(cursor: string): string {
  return cursor === "earliest" ? "1" : cursor.replace(/^0(?=-|$)/, "1");
}

/** Where a server begins that is given this cursor: with all that is kept, if the cursor is another's. */
function beginOf(cursor: string, server: string): string {
  const position = parseCursor(cursor);
  return (position.server ?? server) === server ? `${position.created}-${server}` : `0-${server}`;
}
