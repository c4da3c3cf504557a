import type { Gap, Maybe, Replay } from "../../core/broker.ts";
import type { Batch } from "../../core/batch.ts";
import { copyString } from "../../core/copy-string.ts";
import type { Hub } from "../../core/hub.ts";
import { Message } from "../../core/message.ts";
import { Page } from "../../core/page.ts";
import { EARLIEST, FOREIGN, formatCursor, formatNanoseconds, type Cursor } from "../../protocol/cursor.ts";
import type { Entry } from "../../protocol/frames.ts";
import { DEFAULT_PAGE } from "../../protocol/limits.ts";
import { isSealed } from "../../protocol/name.ts";
import { readPageQuery, readWait, type PageQuery } from "../../protocol/query.ts";
import type { RequestContext } from "../http/request-context.ts";
import { ok, okCompressed } from "../http/responses.ts";
import type { PollRequest } from "../live/long-polls.ts";
import { PageStream } from "../live/page-stream.ts";

/** Pages of more JSON than this are sent in pieces, in UTF-16 code units: at most 48 kB. */
const LARGE_PAGE = 16 * 1024;

/** Seconds allowed for sending the response to a long poll. */
const POLL_GRACE = 10;

/** What an answer needs besides the request, which a poll must not keep. */
type AnswerContext = Pick<RequestContext, "hub" | "polls" | "pageInit" | "client" | "responses">;

/** The request of an answer that did not have to wait. */
type Direct = Pick<RequestContext, "request" | "connection">;

/** The result of a read. */
interface ReadResult {
  readonly page: Page;
  /** Messages missing before the page. */
  readonly gap: Gap | undefined;
  /** Whether the client continues after the page and so needs a cursor if it is empty. */
  readonly pagesForward: boolean;
  /** Whether the page answers a long poll. */
  readonly isAnswer: boolean;
}

/** `GET /messages`: a page of history. With `wait`, a long poll: the server waits until the page is not empty. */
export function readMessages(context: RequestContext): Response | Promise<Response> {
  const { hub, parameters } = context;
  const stream = context.streamFor("reader");
  const query = readPageQuery(parameters, hub.server);
  const wait = readWait(parameters);
  // Larger pages wait for their turn: hundreds of requests may be handled in one.
  if (query.kind === "one" || query.limit <= DEFAULT_PAGE) return readPageOf(context, stream, query, wait);
  return context.responses.stalls.work.answer(() => readPageOf(context, stream, query, wait));
}

function readPageOf(
  context: RequestContext,
  stream: string,
  query: PageQuery,
  wait: number,
): Response | Promise<Response> {
  const respond = (result: ReadResult) =>
    wait === 0 || result.isAnswer
      ? answer(context, stream, result, context)
      : poll(context, stream, query, wait);
  const result = read(context.hub, stream, query);
  return result instanceof Promise ? result.then(respond) : respond(result);
}

/** Waits for an answer. Keeps neither the request nor any substring of its URL: many polls may wait for a minute. */
function poll(context: RequestContext, stream: string, query: PageQuery, wait: number): Promise<Response> {
  const { request, client, connection } = context;
  // Bounded: the connection is kept alive for further requests, and must not stay open without any.
  connection.keepOpen(request, wait + POLL_GRACE);
  const kept = query.kind === "one" ? { ...query, id: copyString(query.id) } : query;
  const mayAnswer = (batch: Batch) => batch.entries.some((entry) => fits(entry, kept));
  const peer = connection.peer(request);
  const awaited = { stream: copyString(stream), mayAnswer, wait, client, peer, signal: request.signal };
  const { hub, polls, pageInit, responses } = context;
  return waitForAnswer({ hub, polls, pageInit, client, responses }, awaited, kept);
}

/** Whether a new message belongs to the page that is asked for. One that is lost in a gap may. */
function fits(entry: Entry, query: PageQuery): boolean {
  if (!(entry instanceof Message)) return entry.isGap === true;
  switch (query.kind) {
    case "newest":
      return true;
    case "after":
      return entry.created > query.cursor;
    case "before":
      return entry.created < query.cursor;
    case "one":
      return entry.id === query.id;
  }
}

async function waitForAnswer(
  services: AnswerContext,
  awaited: PollRequest,
  query: PageQuery,
): Promise<Response> {
  const { hub, polls } = services;
  let result: ReadResult | undefined;
  const readAgain = async () => {
    result = await read(hub, awaited.stream, query);
    return result.isAnswer;
  };
  await polls.waitForMessage(hub, awaited, readAgain);
  return answer(services, awaited.stream, result ?? (await read(hub, awaited.stream, query)));
}

function read(hub: Hub, stream: string, query: PageQuery): Maybe<ReadResult> {
  if (query.kind === "after") {
    const replay = hub.replay(stream, query.cursor, query.limit);
    return replay instanceof Promise
      ? replay.then((late) => readForward(late, query.cursor))
      : readForward(replay, query.cursor);
  }
  const page = hub.page(stream, query);
  return page instanceof Promise ? page.then((late) => readPage(late, query)) : readPage(page, query);
}

/** For a cursor later than everything here, a replay returns all messages; a page only later ones, so none. */
function readForward({ gap, messages, cursor }: Replay, after: Cursor): ReadResult {
  if (after === FOREIGN) return { page: new Page(messages, cursor), gap, pagesForward: true, isAnswer: true };
  const page = new Page(
    messages.filter(({ created }) => created > after),
    gap === undefined ? cursor : gap.to - 1,
  );
  const isAnswer = page.messages.length > 0 || (gap !== undefined && gap.from !== EARLIEST);
  return { page, gap, pagesForward: true, isAnswer };
}

function readPage(page: Page, query: PageQuery): ReadResult {
  const isForeign = query.kind === "before" && query.cursor === FOREIGN;
  const oldest = page.messages.at(-1)?.created ?? page.cursor + 1;
  const gap = isForeign ? { from: EARLIEST, to: oldest } : undefined;
  const isAnswer = page.messages.length > 0 || isForeign;
  return { page, gap, pagesForward: query.kind === "newest" || isForeign, isAnswer };
}

function answer(
  context: AnswerContext,
  stream: string,
  { page, gap, pagesForward }: ReadResult,
  direct?: Direct,
): Response {
  const { hub } = context;
  const response =
    page.isLongerThan(LARGE_PAGE) && page.messages.length > 1
      ? pageInPieces(context, stream, page, direct)
      : pageAtOnce(context, stream, page, direct);
  if (page.messages.length === 0 && pagesForward)
    response.headers.set("malten-cursor", formatCursor(page.cursor, hub.server));
  if (gap !== undefined)
    response.headers.set("malten-gap", `${formatNanoseconds(gap.from)}-${formatNanoseconds(gap.to)}`);
  return response;
}

/** The page in one piece. That of a sealed stream is never compressed: whoever can write there may not be allowed to read. */
function pageAtOnce({ pageInit }: AnswerContext, stream: string, page: Page, direct?: Direct): Response {
  if (direct === undefined || isSealed(stream)) return ok(page.json, pageInit);
  return okCompressed(page.json, pageInit, direct.request);
}

/** The page in chunks (RFC 9112 §7.1), sent by the pace of its reader. @throws Problem `too_many_connections`, `too_busy` */
function pageInPieces(context: AnswerContext, stream: string, { messages }: Page, direct?: Direct): Response {
  const { hub, pageInit } = context;
  if (direct?.request.method === "HEAD") return new Response(null, pageInit);
  const { client } = context;
  const { stalls, log } = context.responses;
  const peer = direct?.connection.peer(direct.request);
  client.openConnection(peer);
  const source = new PageStream(copyString(stream), messages, { hub, client, stalls, log, peer });
  return new Response(new ReadableStream(source), pageInit);
}
