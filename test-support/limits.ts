import { DEFAULT_TTL } from "../src/protocol/limits.ts";
import type { ServerLimits } from "../src/server/http/request-context.ts";
import type { Client } from "../src/server/limits/client.ts";
import { Clients } from "../src/server/limits/clients.ts";
import { ServerLog } from "../src/server/log.ts";
import { ManualClock } from "./clock.ts";

/** Returns limits for a test: none per client that it does not ask for. */
export function testLimits(limits: Partial<ServerLimits> = {}): ServerLimits {
  return {
    ttl: DEFAULT_TTL,
    maxMemory: 64 * 1024 * 1024,
    rateLimit: 0,
    byteRate: 0,
    streamRate: 0,
    maxConnections: 1_000_000,
    maxConnectionsPerClient: 1_000_000,
    maxSubscriptions: 1_000_000,
    maxSubscriptionsPerClient: 1_000_000,
    allowHosts: [],
    allowOrigins: undefined,
    trustProxies: [],
    ...limits,
  };
}

/** Returns the client of a request from this machine. */
export function localClient(): Client {
  const clock = new ManualClock();
  const clients = new Clients({ limits: testLimits(), clock, log: new ServerLog(() => {}, clock) });
  return clients.of(new Request("http://localhost"), "127.0.0.1");
}
