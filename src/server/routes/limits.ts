import { MAX_ENVELOPE } from "../../protocol/envelope.ts";
import {
  DEFAULT_PAGE,
  MAX_BODY,
  MAX_FRAME,
  MAX_LISTED,
  MAX_MESSAGES,
  MAX_SUBSCRIPTIONS,
  MAX_TEXT,
  MAX_TTL,
  MAX_WAIT,
} from "../../protocol/limits.ts";
import { MAX_PERSON, MAX_SEALED_PERSON } from "../../protocol/presence.ts";
import { ok } from "../http/responses.ts";
import { burstsOf } from "../limits/rates.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /limits`: this server's limits and name. Lengths in characters or bytes, times in seconds; 0 is a rate without limit. */
export function limits({ hub, limits: configured }: RequestContext): Response {
  const { ttl, maxMemory, rateLimit, byteRate, streamRate } = configured;
  return ok(
    JSON.stringify({
      server: hub.server,
      text: MAX_TEXT,
      envelope: MAX_ENVELOPE,
      messages: MAX_MESSAGES,
      ttl,
      maxTtl: MAX_TTL,
      maxMemory,
      page: { default: DEFAULT_PAGE, max: MAX_MESSAGES },
      list: MAX_LISTED,
      wait: MAX_WAIT,
      body: MAX_BODY,
      frame: MAX_FRAME,
      person: MAX_PERSON,
      sealedPerson: MAX_SEALED_PERSON,
      subscriptions: MAX_SUBSCRIPTIONS,
      rateLimit,
      byteRate: rateLimit === 0 ? 0 : byteRate,
      streamRate: rateLimit === 0 ? 0 : streamRate,
      bursts: burstsOf(configured),
      maxConnections: configured.maxConnections,
      maxConnectionsPerClient: configured.maxConnectionsPerClient,
      maxSubscriptions: configured.maxSubscriptions,
      maxSubscriptionsPerClient: configured.maxSubscriptionsPerClient,
      allowHost: configured.allowHosts,
      allowOrigin: configured.allowOrigins ?? ["*"],
      // Not which ones: that is the operator's business.
      trustProxy: configured.trustProxies.length > 0,
    }),
  );
}
