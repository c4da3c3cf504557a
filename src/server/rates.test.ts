// Rates over HTTP.
import { expect, test } from "bun:test";
import { parseNetwork } from "../protocol/address.ts";
import { problemOf, TestApp } from "../../test-support/server.ts";

const RATES = { rateLimit: 10, byteRate: 1024 ** 2, streamRate: 60 };

function remoteApp(): TestApp {
  const app = new TestApp(RATES);
  app.address = "203.0.113.7";
  return app;
}

function publish(app: TestApp, stream = "foo", text = "x"): Promise<Response> {
  return app.request(`/messages?stream=${stream}&text=${text}`, { method: "POST" });
}

test("a publish beyond the rate is refused, publishes nothing, and is accepted when the client is told to try again", async () => {
  const app = remoteApp();
  for (let i = 0; i < 100; i++) expect((await publish(app)).status).toBe(201);
  for (let i = 0; i < 50; i++) {
    const response = await publish(app, "foo", "refused");
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await problemOf(response)).toMatchObject({ status: 429, code: "rate_limited" });
  }
  expect(await app.texts("stream=foo&limit=1024")).toEqual(Array.from({ length: 100 }, () => "x"));
  app.clock.advance(1000);
  expect((await publish(app)).status).toBe(201);
  // Everyone else is not affected.
  app.address = "203.0.113.8";
  expect((await publish(app)).status).toBe(201);
});

test("a publish with a body is held to the same rate", async () => {
  const app = remoteApp();
  const send = () => app.request("/messages", { method: "POST", body: new URLSearchParams({ text: "x" }) });
  for (let i = 0; i < 100; i++) expect((await send()).status).toBe(201);
  expect((await send()).status).toBe(429);
});

test("what the client itself is refused for counts for blocking it, with the address of the connection", async () => {
  const trustProxies = [parseNetwork("198.51.100.1") ?? []].flat();
  const app = new TestApp({ ...RATES, maxConnections: 0, trustProxies });
  app.address = "198.51.100.1";
  const headers = { "x-forwarded-for": "203.0.113.7" };
  const target = "/messages?stream=foo&text=x";
  for (let i = 0; i < 100; i++) await app.request(target, { method: "POST", headers });
  expect((await app.request("/messages?stream=a&stream=b", { headers })).status).toBe(400);
  expect((await app.request("/events?stream=foo", { headers })).status).toBe(503);
  expect(app.refused).toEqual([]);
  expect((await app.request(target, { method: "POST", headers })).status).toBe(429);
  const body = new URLSearchParams({ text: "x" });
  expect((await app.request("/messages", { method: "POST", headers, body })).status).toBe(429);
  const refused = { client: "203.0.113.7", address: "198.51.100.1" };
  expect(app.refused).toEqual([refused, refused]);
});

test("new streams are limited, whether created or published to", async () => {
  const app = remoteApp();
  const create = () => app.request("/streams", { method: "POST" });
  for (let i = 0; i < 30; i++) expect((await create()).status).toBe(201);
  for (let i = 0; i < 30; i++) expect((await publish(app, `s${i}`)).status).toBe(201);
  const refused = await create();
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: "rate_limited" });
  expect((await publish(app, "new")).status).toBe(429);
  expect(await app.texts("stream=new")).toEqual([]);
  expect((await publish(app, "s0")).status).toBe(201);
});

test("malformed requests cost several", async () => {
  const app = remoteApp();
  const malformed = [
    () => publish(app, "not/a/name"),
    () => app.request("/messages?stream=a&stream=b"),
    () =>
      app.request("/messages", {
        method: "POST",
        body: "{",
        headers: { "content-type": "application/json" },
      }),
    () =>
      app.request("/messages", {
        method: "POST",
        body: "x".repeat(70_000),
        headers: { "content-type": "text/plain" },
      }),
  ];
  for (const send of malformed)
    for (let i = 0; i < 4; i++) expect((await send()).status).toBeGreaterThanOrEqual(400);
  for (let i = 0; i < 20; i++) expect((await publish(app)).status).toBe(201);
  expect((await publish(app)).status).toBe(429);
});

test("loopback has no rate", async () => {
  const app = new TestApp(RATES);
  for (let i = 0; i < 300; i++) expect((await publish(app)).status).toBe(201);
});
