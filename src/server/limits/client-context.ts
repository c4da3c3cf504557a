import type { Clock } from "../../core/clock.ts";
import { LivePeers } from "../guard/live-peers.ts";
import type { ClientLimits } from "./client-limits.ts";
import type { ClientContext } from "./client.ts";
import { Quota } from "./quota.ts";
import { ratesOf } from "./rates.ts";

/** Clients that are remembered besides those with a connection, about 300 bytes each. */
const REMEMBERED = 16_384;

/** Returns what all clients of a server share. */
export function clientContext(limits: ClientLimits, clock: Clock): ClientContext {
  return {
    clock,
    rates: ratesOf(limits),
    connections: new Quota("connections", limits.maxConnections),
    subscriptions: new Quota("subscriptions", limits.maxSubscriptions),
    live: new LivePeers(),
    maxConnectionsPerClient: limits.maxConnectionsPerClient,
    maxSubscriptionsPerClient: limits.maxSubscriptionsPerClient,
  };
}

/** Returns how many clients to remember. */
export function clientCapacity({ maxConnections }: ClientLimits): number {
  return maxConnections + REMEMBERED;
}
