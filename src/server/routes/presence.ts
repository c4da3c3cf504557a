import { readStream } from "../../protocol/query.ts";
import { ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /presence`: the listeners of a stream on this server. */
export function presence({ hub, parameters }: RequestContext): Response {
  return ok(JSON.stringify(hub.presence(readStream(parameters))));
}
