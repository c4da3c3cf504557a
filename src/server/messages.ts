import type { Maybe } from "../core/broker.ts";
import type { Page } from "../core/page.ts";
import { readPageQuery, readStream, readWait, type PageQuery } from "../protocol/query.ts";
import type { Exchange } from "./exchange.ts";
import { ok } from "./respond.ts";

/** Seconds that the answer to a long poll may take to get away. */
const POLL_GRACE = 10;

/** `GET /messages`: a page of history; with `wait`, as soon as there is something on it. */
export function readMessages(exchange: Exchange): Response | Promise<Response> {
  const { hub, parameters } = exchange;
  const stream = readStream(parameters);
  const query = readPageQuery(parameters);
  const wait = readWait(parameters);
  const page = hub.page(stream, query);
  if (page instanceof Promise || (page.messages.length === 0 && wait > 0)) {
    return readLater(exchange, stream, query, wait, page);
  }
  return pageResponse(page);
}

async function readLater(
  { hub, polls, request, connection }: Exchange,
  stream: string,
  query: PageQuery,
  wait: number,
  first: Maybe<Page>,
): Promise<Response> {
  const page = await first;
  if (page.messages.length > 0 || wait === 0) return pageResponse(page);
  // Not forever: the connection is kept for other requests, and must not stay open without any.
  connection.keepOpen(request, wait + POLL_GRACE);
  return pageResponse(await polls.until(() => hub.page(stream, query), hub, stream, wait, request.signal));
}

function pageResponse(page: Page): Response {
  return ok(page.json);
}
