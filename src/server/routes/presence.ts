import { ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /presence`: the listeners of a stream on this server. */
export function presence(context: RequestContext): Response {
  return ok(JSON.stringify(context.hub.presence(context.streamFor("reader"))));
}
