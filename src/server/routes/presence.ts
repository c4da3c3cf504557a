import type { WirePresence } from "../../protocol/presence.ts";
import { ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /presence`: the listeners of a stream on this server. */
export function presence(context: RequestContext): Response | Promise<Response> {
  const found = context.hub.presence(context.streamFor("reader"));
  return found instanceof Promise ? found.then(answer) : answer(found);
}

function answer(found: WirePresence): Response {
  return ok(JSON.stringify(found));
}
