import type { ListedStream } from "../../core/hub.ts";
import type { WireStream } from "../../protocol/message.ts";
import { isSealed } from "../../protocol/name.ts";
import { Problem } from "../../protocol/problem.ts";
import { readListQuery, readStreamOptions } from "../../protocol/query.ts";
import { created, noContent, ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";
import { bearerToken } from "../proof.ts";

/** Streams in a list that is made at once. Larger ones wait for their turn. */
const SMALL_LIST = 25;

/** `POST /streams`: creates a stream. */
export async function createStream(context: RequestContext): Promise<Response> {
  const { hub, parameters, client } = context;
  const isNamed = parameters.get("stream") !== undefined;
  const options = readStreamOptions(parameters);
  const stream = await hub.create({
    name: isNamed ? context.streamFor("owner") : undefined,
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
export async function endStream(context: RequestContext): Promise<Response> {
  const { hub, request } = context;
  const stream = context.streamFor("owner");
  if (isSealed(stream)) await hub.end(stream);
  else await hub.end(stream, ownerToken(request));
  return noContent();
}

function ownerToken(request: Request): string {
  const token = bearerToken(request);
  if (token !== undefined) return token;
  throw new Problem("token_missing", "Send the owner token in the header Authorization: Bearer <token>");
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
