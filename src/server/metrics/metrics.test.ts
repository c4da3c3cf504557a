import { expect, test } from "bun:test";
import { parseExposition, type ParsedMetric } from "../../../test-support/exposition.ts";
import { EventReader, SocketClient, TextReader } from "../../../test-support/clients.ts";
import { TestServer } from "../../../test-support/server.ts";
import { Counters } from "../../core/counters.ts";
import { metricsOf, type MetricsSource } from "./metrics.ts";
import { processUsage } from "./process-usage.ts";
import { serveMetrics } from "./serve-metrics.ts";

function sourceOf(counters: Counters, connections: MetricsSource["connections"]): MetricsSource {
  return {
    version: "1.2.3",
    counters,
    connections,
    listenedStreams: 1,
    streams: 2,
    storedBytes: 3,
    limits: { maxMemory: 4, maxConnections: 5, maxSubscriptions: 6 },
    certificateExpiresAt: Date.parse("2030-01-01T00:00:00Z"),
    usage: processUsage(),
    descriptorLimit: 1024,
  };
}

function valueOf(metrics: Map<string, ParsedMetric>, name: string, ...labels: string[]): number | undefined {
  return metrics
    .get(name)
    ?.samples.find((sample) => labels.every((label) => Object.values(sample.labels).includes(label)))?.value;
}

test("counts what a server does", async () => {
  await using server = new TestServer();
  const { counters } = server.hub;
  using listener = disposable(
    serveMetrics(0, "127.0.0.1", () => metricsOf(sourceOf(counters, server.connections()))),
  );
  const scrape = async () => {
    const response = await fetch(new URL("/metrics", listener.url));
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    return parseExposition(await response.text(), "text");
  };

  await using events = await EventReader.open(server.url, "foo");
  await using lines = await TextReader.open(`${server.url}/events?stream=foo`, {
    accept: "application/x-ndjson",
  });
  await using socket = await SocketClient.open(server.url, "foo");
  // A gap: the cursor of another server.
  await using resumed = await EventReader.open(server.url, "foo&last=1000-other");
  await fetch(`${server.url}/messages?stream=foo&text=hello`, { method: "POST" });
  await fetch(`${server.url}/messages?stream=foo`, { method: "POST" });
  await fetch(`${server.url}/messages?stream=foo`, { method: "PUT" });
  expect(await socket.ask({ Type: "message", Text: "\0" })).toMatchObject({ Code: "text_control" });
  expect(await events.texts(1)).toEqual(["hello"]);
  expect(await resumed.texts(2)).toEqual(["<gap>", "hello"]);
  while (!(await lines.upTo("\n"))?.includes("hello"));

  const metrics = await scrape();
  expect(valueOf(metrics, "malten_build_info", "1.2.3")).toBe(1);
  expect(valueOf(metrics, "malten_messages_published_total")).toBe(1);
  expect(valueOf(metrics, "malten_message_length", "16.0")).toBe(1);
  expect(valueOf(metrics, "malten_messages_delivered_total", "sse")).toBe(2);
  expect(valueOf(metrics, "malten_messages_delivered_total", "ndjson")).toBe(1);
  expect(valueOf(metrics, "malten_messages_delivered_total", "websocket")).toBe(1);
  expect(valueOf(metrics, "malten_messages_delivered_total", "text")).toBe(0);
  expect(valueOf(metrics, "malten_gaps_total")).toBe(1);
  expect(valueOf(metrics, "malten_rejections_total", "text_missing")).toBe(1);
  expect(valueOf(metrics, "malten_rejections_total", "method_not_allowed")).toBe(1);
  expect(valueOf(metrics, "malten_rejections_total", "text_control")).toBe(1);
  expect(valueOf(metrics, "malten_requests_total")).toBe(7);
  expect(valueOf(metrics, "malten_connections", "sse")).toBe(2);
  expect(valueOf(metrics, "malten_connections", "websocket")).toBe(1);
  expect(valueOf(metrics, "malten_connections", "poll")).toBe(0);
  expect(valueOf(metrics, "malten_subscriptions")).toBe(4);
  expect(valueOf(metrics, "malten_stored_bytes_limit")).toBe(4);
  expect(valueOf(metrics, "malten_certificate_expiry_timestamp_seconds")).toBe(1_893_456_000);
  expect(valueOf(metrics, "process_resident_memory_bytes")).toBeGreaterThan(1e7);
  expect(valueOf(metrics, "malten_flush_seconds", "+Inf")).toBeGreaterThan(0);
});

test("shows the same in both formats, and nothing else on its port", async () => {
  const counters = new Counters();
  const connections = { websocket: 0, sse: 0, ndjson: 0, text: 0, poll: 0 };
  using listener = disposable(serveMetrics(0, "127.0.0.1", () => metricsOf(sourceOf(counters, connections))));
  const url = new URL("/metrics", listener.url);
  const openMetrics = await fetch(url, { headers: { accept: "application/openmetrics-text" } });
  expect(openMetrics.headers.get("content-type")).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  const names = Array.from(parseExposition(await openMetrics.text(), "openmetrics").keys());
  const text = parseExposition(await (await fetch(url)).text(), "text");
  expect(Array.from(text.keys(), (name) => name.replace(/_total$/, ""))).toEqual(names);

  expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
  expect((await fetch(new URL("/", url))).status).toBe(404);
});

test("leaves out what does not exist", () => {
  const source = sourceOf(new Counters(), { websocket: 0, sse: 0, ndjson: 0, text: 0, poll: 0 });
  const present = (changed: Partial<MetricsSource>) =>
    metricsOf({ ...source, ...changed }).flatMap((metric) =>
      metric.type === "histogram" || metric.samples.length > 0 ? [metric.name] : [],
    );
  expect(present({ certificateExpiresAt: undefined })).not.toContain(
    "malten_certificate_expiry_timestamp_seconds",
  );
  expect(present({ descriptorLimit: Number.POSITIVE_INFINITY })).not.toContain("process_max_fds");
  expect(present({ usage: { ...source.usage, descriptors: undefined } })).not.toContain("process_open_fds");
  expect(present({})).toContain("process_max_fds");
});

function disposable<T extends { stop(): Promise<void> }>(running: T): T & Disposable {
  return { ...running, [Symbol.dispose]: () => void running.stop() };
}
