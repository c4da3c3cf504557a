import type { Message } from "../core/message.ts";
import { readPageQuery, readStream, readWait, type PageQuery } from "../protocol/query.ts";
import type { Exchange } from "./exchange.ts";
import { ok } from "./respond.ts";

/** `GET /messages`: a page of history; with `wait`, as soon as it has something. */
export function readMessages(exchange: Exchange): Response | Promise<Response> {
  const { hub, parameters } = exchange;
  const stream = readStream(parameters);
  const query = readPageQuery(parameters);
  const wait = readWait(parameters);
  const page = hub.page(stream, query);
  if (page instanceof Promise || wait > 0) return readLater(exchange, stream, query, wait, page);
  return pageResponse(page);
}

async function readLater(
  { hub, polls, request, connection }: Exchange,
  stream: string,
  query: PageQuery,
  wait: number,
  first: Message[] | Promise<Message[]>,
): Promise<Response> {
  const page = await first;
  if (page.length > 0 || wait === 0) return pageResponse(page);
  connection.keepOpen(request);
  await polls.next(hub, stream, wait, request.signal);
  return pageResponse(await hub.page(stream, query));
}

function pageResponse(page: Message[]): Response {
  return ok(`[${page.map((message) => message.json).join(",")}]`);
}
