import { Counters } from "../src/core/counters.ts";
import type { MetricsSource } from "../src/server/metrics/metrics.ts";
import { processUsage } from "../src/server/metrics/process-usage.ts";

/** The source of all metrics, with something in each. */
export function testSource(changed: Partial<MetricsSource> = {}): MetricsSource {
  const counters = new Counters();
  counters.reject("bad_request");
  return {
    version: "1.2.3",
    counters,
    connections: { websocket: 0, sse: 0, ndjson: 0, text: 0, poll: 0 },
    listenedStreams: 1,
    kept: { streams: 2, storedBytes: 3, allocatedBytes: 4 },
    isReady: true,
    limits: { maxMemory: 4, maxConnections: 5, maxSubscriptions: 6 },
    certificateExpiresAt: Date.parse("2030-01-01T00:00:00Z"),
    usage: processUsage(),
    descriptorLimit: 1024,
    ...changed,
  };
}
