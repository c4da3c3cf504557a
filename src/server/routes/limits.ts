import {
  DEFAULT_PAGE,
  MAX_BODY,
  MAX_LISTED,
  MAX_MESSAGES,
  MAX_SUBSCRIPTIONS,
  MAX_TEXT,
  MAX_TTL,
  MAX_WAIT,
} from "../../protocol/limits.ts";
import { MAX_PERSON } from "../../protocol/presence.ts";
import { ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /limits`: this server's limits and name. Lengths in characters or bytes, times in seconds. */
export function limits({ hub, limits: { ttl, maxMemory } }: RequestContext): Response {
  return ok(
    JSON.stringify({
      server: hub.server,
      text: MAX_TEXT,
      messages: MAX_MESSAGES,
      ttl,
      maxTtl: MAX_TTL,
      maxMemory,
      page: { default: DEFAULT_PAGE, max: MAX_MESSAGES },
      list: MAX_LISTED,
      wait: MAX_WAIT,
      body: MAX_BODY,
      person: MAX_PERSON,
      subscriptions: MAX_SUBSCRIPTIONS,
    }),
  );
}
