import { expect, test } from "bun:test";
import { TestApp } from "../../../test-support/server.ts";

test("returns the limits and the name of the server", async () => {
  const app = new TestApp({
    ttl: 60,
    maxMemory: 12_345_678,
    rateLimit: 10,
    byteRate: 2048,
    streamRate: 30,
    maxConnections: 1,
    maxConnectionsPerClient: 2,
    maxSubscriptions: 3,
    maxSubscriptionsPerClient: 4,
    allowHosts: ["chat.example"],
    allowOrigins: ["https://app.example"],
  });
  const response = await app.request("/limits");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({
    server: "test",
    text: 1024,
    envelope: 8192,
    messages: 1024,
    ttl: 60,
    maxTtl: 604_800,
    maxMemory: 12_345_678,
    page: { default: 25, max: 1024 },
    list: 1000,
    wait: 60,
    body: 65_536,
    frame: 16_384,
    person: 32,
    sealedPerson: 1536,
    subscriptions: 256,
    rateLimit: 10,
    byteRate: 2048,
    streamRate: 30,
    bursts: { messages: 100, bytes: 32_768, streams: 30 },
    maxConnections: 1,
    maxConnectionsPerClient: 2,
    maxSubscriptions: 3,
    maxSubscriptionsPerClient: 4,
    allowHost: ["chat.example"],
    allowOrigin: ["https://app.example"],
    trustProxy: false,
  });
});

test("without rates, all of them are 0", async () => {
  const app = new TestApp({ rateLimit: 0, byteRate: 2048, streamRate: 30 });
  expect(await (await app.request("/limits")).json()).toMatchObject({
    rateLimit: 0,
    byteRate: 0,
    streamRate: 0,
    allowOrigin: ["*"],
  });
});
