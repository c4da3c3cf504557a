import { DEFAULT_TTL } from "../src/protocol/limits.ts";
import type { ServerLimits } from "../src/server/http/request-context.ts";

/** Returns limits for a test: none per client that it does not ask for. */
export function testLimits(limits: Partial<ServerLimits> = {}): ServerLimits {
  return {
    ttl: DEFAULT_TTL,
    maxMemory: 64 * 1024 * 1024,
    maxConnections: 1_000_000,
    maxConnectionsPerClient: 1_000_000,
    maxSubscriptions: 1_000_000,
    maxSubscriptionsPerClient: 1_000_000,
    ...limits,
  };
}
