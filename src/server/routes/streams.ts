import type { ListedStream } from "../../core/hub.ts";
import type { WireStream } from "../../protocol/message.ts";
import { checkName } from "../../protocol/name.ts";
import { Problem } from "../../protocol/problem.ts";
import { readListQuery, readStream, readStreamOptions } from "../../protocol/query.ts";
import { created, noContent, ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** Streams in a list that is made at once. Larger ones wait for their turn. */
const SMALL_LIST = 25;

/** `POST /streams`: creates a stream. */
export async function createStream({ hub, parameters, client }: RequestContext): Promise<Response> {
  const name = parameters.get("stream");
  const options = readStreamOptions(parameters);
  const stream = await hub.create({
    name: name === undefined ? undefined : checkName(name),
    ...options,
    payer: client.payer,
  });
  return created(
    JSON.stringify({ stream: stream.name, private: stream.private, ttl: stream.ttl, owner: stream.owner }),
  );
}

/** `GET /streams`: lists public streams. */
export async function listStreams({ hub, parameters, responses }: RequestContext): Promise<Response> {
  const { limit, prefix } = readListQuery(parameters);
  const list = async () => listOf(await hub.list(limit, prefix));
  return limit <= SMALL_LIST ? list() : responses.stalls.work.answer(list);
}

function listOf(streams: readonly ListedStream[]): Response {
  return ok(`{${streams.map((stream) => `"${stream.name}":${JSON.stringify(toWire(stream))}`).join(",")}}`);
}

/** `DELETE /streams`: ends a stream, with its owner token. */
export async function endStream({ hub, parameters, request }: RequestContext): Promise<Response> {
  const stream = readStream(parameters);
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined)
    throw new Problem("token_missing", "Send the owner token in the header Authorization: Bearer <token>");
  await hub.end(stream, token);
  return noContent();
}

function toWire({ id, updated, ttl, observers }: ListedStream): WireStream {
  return {
    Id: id,
    Messages: null,
    Private: false,
    Updated: updated * 1000,
    TTL: ttl * 1e9,
    Observers: observers,
  };
}
