import type { Gap, Maybe, Replay } from "../../core/broker.ts";
import type { Hub } from "../../core/hub.ts";
import { Page } from "../../core/page.ts";
import { EARLIEST, FOREIGN, formatCursor, formatNanoseconds, type Cursor } from "../../protocol/cursor.ts";
import { readPageQuery, readStream, readWait, type PageQuery } from "../../protocol/query.ts";
import type { RequestContext } from "../http/request-context.ts";
import { ok } from "../http/responses.ts";

/** Seconds that sending the answer to a long poll may take. */
const POLL_GRACE = 10;

/** What a read found. */
interface Reading {
  readonly page: Page;
  /** What is missing before the page. */
  readonly gap: Gap | undefined;
  /** Whether the reader continues after the page, and needs a cursor if it is empty. */
  readonly pagesForward: boolean;
  /** Whether a long poll is answered with it. */
  readonly isAnswer: boolean;
}

/** `GET /messages`: a page of history; with `wait`, as soon as it is not empty. */
export function readMessages(context: RequestContext): Response | Promise<Response> {
  const { hub, parameters } = context;
  const stream = readStream(parameters);
  const query = readPageQuery(parameters, hub.server);
  const wait = readWait(parameters);
  const reading = read(hub, stream, query);
  if (reading instanceof Promise || (wait > 0 && !reading.isAnswer)) {
    return poll(context, stream, query, wait, reading);
  }
  return answer(context, reading);
}

async function poll(
  context: RequestContext,
  stream: string,
  query: PageQuery,
  wait: number,
  first: Maybe<Reading>,
): Promise<Response> {
  const { hub, polls, request, connection } = context;
  let reading = await first;
  if (wait === 0 || reading.isAnswer) return answer(context, reading);
  // Bounded: the connection is kept alive for other requests, and must not stay open without any.
  connection.keepOpen(request, wait + POLL_GRACE);
  const readAgain = async () => {
    reading = await read(hub, stream, query);
    return reading.isAnswer;
  };
  const after = query.kind === "after" ? query.cursor : EARLIEST;
  await polls.waitForMessage(hub, { stream, after, wait, signal: request.signal }, readAgain);
  return answer(context, reading);
}

function read(hub: Hub, stream: string, query: PageQuery): Maybe<Reading> {
  if (query.kind === "after") {
    const replay = hub.replay(stream, query.cursor, query.limit);
    return replay instanceof Promise
      ? replay.then((late) => readForward(late, query.cursor))
      : readForward(replay, query.cursor);
  }
  const page = hub.page(stream, query);
  return page instanceof Promise ? page.then((late) => readPage(late, query)) : readPage(page, query);
}

/** A listener who resumes with bare digits of the future is given all messages; a page has only later ones. */
function readForward({ gap, messages, cursor }: Replay, after: Cursor): Reading {
  if (after === FOREIGN) return { page: new Page(messages, cursor), gap, pagesForward: true, isAnswer: true };
  const page = new Page(
    messages.filter(({ created }) => created > after),
    gap === undefined ? cursor : gap.to - 1,
  );
  const isAnswer = page.messages.length > 0 || (gap !== undefined && gap.from !== EARLIEST);
  return { page, gap, pagesForward: true, isAnswer };
}

function readPage(page: Page, query: PageQuery): Reading {
  const isForeign = query.kind === "before" && query.cursor === FOREIGN;
  const oldest = page.messages.at(-1)?.created ?? page.cursor + 1;
  const gap = isForeign ? { from: EARLIEST, to: oldest } : undefined;
  const isAnswer = page.messages.length > 0 || isForeign;
  return { page, gap, pagesForward: query.kind === "newest" || isForeign, isAnswer };
}

function answer({ hub, pageInit }: RequestContext, { page, gap, pagesForward }: Reading): Response {
  const response = ok(page.json, pageInit);
  if (page.messages.length === 0 && pagesForward)
    response.headers.set("malten-cursor", formatCursor(page.cursor, hub.server));
  if (gap !== undefined)
    response.headers.set("malten-gap", `${formatNanoseconds(gap.from)}-${formatNanoseconds(gap.to)}`);
  return response;
}
