import type { Catchup, Maybe } from "../../core/broker.ts";
import type { Hub } from "../../core/hub.ts";
import { Page } from "../../core/page.ts";
import { EARLIEST, formatCursor, type Cursor } from "../../protocol/cursor.ts";
import { readPageQuery, readStream, readWait, type PageQuery } from "../../protocol/query.ts";
import type { Exchange } from "../http/request-context.ts";
import { ok } from "../http/responses.ts";

/** Seconds that the answer to a long poll may take to get away. */
const POLL_GRACE = 10;

/** What there is for a reader. */
interface Reading {
  readonly page: Page;
  /** What is missing before it. */
  readonly gap: Catchup["gap"];
  /** Where to go on from an empty page; undefined where nobody pages forward. */
  readonly end: Cursor | undefined;
}

/** `GET /messages`: a page of history; with `wait`, as soon as there is something on it. */
export function readMessages(exchange: Exchange): Response | Promise<Response> {
  const { hub, parameters } = exchange;
  const stream = readStream(parameters);
  const query = readPageQuery(parameters);
  const wait = readWait(parameters);
  const reading = read(hub, stream, query);
  if (reading instanceof Promise || (wait > 0 && saysNothing(reading))) {
    return readLater(exchange, stream, query, wait, reading);
  }
  return answer(reading);
}

async function readLater(
  { hub, polls, request, connection }: Exchange,
  stream: string,
  query: PageQuery,
  wait: number,
  first: Maybe<Reading>,
): Promise<Response> {
  let reading = await first;
  if (wait === 0 || !saysNothing(reading)) return answer(reading);
  // Not forever: the connection is kept for other requests, and must not stay open without any.
  connection.keepOpen(request, wait + POLL_GRACE);
  const readAgain = async () => {
    reading = await read(hub, stream, query);
    return !saysNothing(reading);
  };
  await polls.until(readAgain, hub, stream, wait, request.signal);
  return answer(reading);
}

/** What there is now. Whoever pages forward is told what is missing, as those who listen are. */
function read(hub: Hub, stream: string, query: PageQuery): Maybe<Reading> {
  const end = query.kind === "after" || query.kind === "newest" ? hub.now() : undefined;
  if (query.kind === "after") {
    const catchup = hub.broker.catchUp(stream, query.cursor, query.limit);
    return catchup instanceof Promise
      ? catchup.then((late) => forward(late, query.cursor, end))
      : forward(catchup, query.cursor, end);
  }
  const page = hub.page(stream, query);
  return page instanceof Promise
    ? page.then((late) => ({ page: late, gap: undefined, end }))
    : { page, gap: undefined, end };
}

function forward({ gap, messages }: Catchup, cursor: Cursor, now: Cursor | undefined): Reading {
  // To a cursor that is not from here a listener is given all that is kept; a page has only what is later.
  const page = new Page(messages.filter(({ created }) => created > cursor));
  return { page, gap, end: gap === undefined ? now : gap.to - 1 };
}

/** Whoever waits for what is later than all there is, waits: that such a cursor is not from here is told in the end. */
function saysNothing({ page, gap }: Reading): boolean {
  return page.messages.length === 0 && (gap === undefined || gap.from === EARLIEST);
}

function answer({ page, gap, end }: Reading): Response {
  const cursor = page.messages.length === 0 ? end : undefined;
  // Most pages have neither: headers of their own would cost more than the page.
  if (cursor === undefined && gap === undefined) return ok(page.json);
  return ok(page.json, {
    ...(cursor !== undefined && { "malten-cursor": formatCursor(cursor) }),
    ...(gap !== undefined && { "malten-gap": `${formatCursor(gap.from)}-${formatCursor(gap.to)}` }),
  });
}
