import { expect, test } from "bun:test";
import { connect } from "node:net";
import { parseExposition, type ParsedMetric } from "../../../test-support/exposition.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { EventReader, SocketClient, TextReader } from "../../../test-support/clients.ts";
import { testSource } from "../../../test-support/metrics-source.ts";
import { TestServer } from "../../../test-support/server.ts";
import { ServerLog } from "../log.ts";
import { metricsOf, type MetricsSource } from "./metrics.ts";
import { processUsage } from "./process-usage.ts";
import { serveMetrics } from "./serve-metrics.ts";

const logged: string[] = [];
const LOCAL = {
  port: 0,
  host: "127.0.0.1",
  log: new ServerLog((line) => logged.push(line), new ManualClock()),
};

function valueOf(metrics: Map<string, ParsedMetric>, name: string, ...labels: string[]): number | undefined {
  return metrics
    .get(name)
    ?.samples.find((sample) => labels.every((label) => Object.values(sample.labels).includes(label)))?.value;
}

test("counts what a server does", async () => {
  await using server = new TestServer();
  const { counters } = server.hub;
  using listener = disposable(
    serveMetrics(LOCAL, () => metricsOf(testSource({ counters, connections: server.connections() }))),
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
  using listener = disposable(serveMetrics(LOCAL, () => metricsOf(testSource())));
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
  const present = (changed: Partial<MetricsSource>) =>
    metricsOf(testSource(changed)).flatMap((metric) =>
      metric.type === "histogram" || metric.samples.length > 0 ? [metric.name] : [],
    );
  expect(present({ certificateExpiresAt: undefined })).not.toContain(
    "malten_certificate_expiry_timestamp_seconds",
  );
  expect(present({ descriptorLimit: Number.POSITIVE_INFINITY })).not.toContain("process_max_fds");
  expect(present({ usage: { ...processUsage(), descriptors: undefined } })).not.toContain("process_open_fds");
  expect(present({})).toContain("process_max_fds");
});

function disposable<T extends { stop(): Promise<void> }>(running: T): T & Disposable {
  return { ...running, [Symbol.dispose]: () => void running.stop() };
}

test("logs nothing that a client sent, and not its failures either", async () => {
  using listener = disposable(
    serveMetrics(LOCAL, () => {
      throw new Error("secret");
    }),
  );
  expect((await fetch(new URL("/metrics", listener.url))).status).toBe(500);
  expect(logged.join("\n")).toMatch(/^error: GET \/metrics failed: Error at /);
  expect(logged.join("\n")).not.toContain("secret");
  const answer = Promise.withResolvers<string>();
  const client = connect(Number(listener.url.port), "127.0.0.1");
  client.once("data", (bytes) => answer.resolve(bytes.toString()));
  client.once("error", answer.reject);
  client.write("GET //[secret HTTP/1.0\r\n\r\n");
  expect(await answer.promise).toStartWith("HTTP/1.1 404");
  client.destroy();
  expect(logged).toHaveLength(1);
});
