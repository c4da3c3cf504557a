import { describe, expect, test } from "bun:test";
import type { ProblemCode } from "../../protocol/problem.ts";
import { problemOf, TestApp } from "../../../test-support/server.ts";

const HANDSHAKE = { upgrade: "websocket", connection: "Upgrade" };

describe("the Accept header selects the format", () => {
  const formats: Record<string, string> = {
    "": "text/event-stream",
    "text/event-stream": "text/event-stream",
    "TEXT/Event-Stream": "text/event-stream",
    "*/*": "text/event-stream",
    "text/html": "text/event-stream",
    "application/x-ndjson": "application/x-ndjson",
    "application/x-ndjson;q=1, */*;q=0.1": "application/x-ndjson",
    "text/html, application/x-ndjson": "application/x-ndjson",
    "text/plain": "text/plain; charset=utf-8",
    "text/plain;charset=utf-8": "text/plain; charset=utf-8",
    "text/event-stream, text/plain": "text/event-stream",
  };
  for (const [accept, type] of Object.entries(formats)) {
    test(`${accept || "none"}: ${type}`, async () => {
      const app = new TestApp();
      const response = await app.request("/events", { method: "HEAD", headers: { accept } });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("x-accel-buffering")).toBe("no");
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      // HEAD does not subscribe.
      expect(app.hub.observers("_")).toBe(0);
      expect(app.keptOpen).toEqual([]);
    });
  }
});

describe("an invalid cursor is rejected", () => {
  const bad = ["x", "-1", "1.5", "123456789012345678901", "1e3", "EARLIEST", "1,2", "0x1", " earliest x"];
  for (const value of bad) {
    test(value, async () => {
      const query = encodeURIComponent(value);
      const requests: [string, RequestInit][] = [
        ["/events", { headers: { "last-event-id": value } }],
        [`/events?last_event_id=${query}`, {}],
        [`/events?last=${query}`, {}],
        // Even if another one takes precedence.
        [`/events?last=${query}`, { headers: { "last-event-id": "1" } }],
        [`/events?last=${query}`, { headers: HANDSHAKE }],
      ];
      for (const [target, init] of requests) {
        const app = new TestApp();
        expect(await problemOf(await app.request(target, init))).toMatchObject({
          status: 400,
          code: "bad_parameter",
        });
        expect(app.upgrades).toEqual([]);
        expect(app.hub.observers("_")).toBe(0);
      }
    });
  }

  test("an empty cursor is ignored", async () => {
    const headers = { "last-event-id": "" };
    expect((await new TestApp().request("/events?last=", { method: "HEAD", headers })).status).toBe(200);
  });
});

describe("invalid name, status or subscribe is rejected", () => {
  const rejected: [string, Record<string, string>, ProblemCode][] = [
    ["/events?name=", {}, "bad_person"],
    ["/events?name=a%0Ab", HANDSHAKE, "bad_person"],
    ["/events?name=Ada&status=offline", {}, "bad_parameter"],
    ["/events?status=online", HANDSHAKE, "bad_parameter"],
    ["/events?subscribe=perhaps", HANDSHAKE, "bad_parameter"],
    // Only a WebSocket can subscribe later.
    ["/events?subscribe=false", {}, "bad_parameter"],
    ["/events?subscribe=false", { accept: "text/plain" }, "bad_parameter"],
    ["/events?subscribe=false&name=Ada", HANDSHAKE, "bad_parameter"],
    ["/events?subscribe=false&last=earliest", HANDSHAKE, "bad_parameter"],
  ];
  for (const [target, headers, code] of rejected) {
    test(`${target} ${JSON.stringify(headers)}`, async () => {
      const app = new TestApp();
      expect(await problemOf(await app.request(target, { headers }))).toMatchObject({ status: 400, code });
      expect(app.upgrades).toEqual([]);
      expect(app.hub.observers("_")).toBe(0);
    });
  }
});

describe("a WebSocket", () => {
  const openings: [string, Record<string, string>, string, number | undefined][] = [
    ["/events", {}, "_", undefined],
    ["/events?stream=foo", {}, "foo", undefined],
    ["/events?stream=foo&last=earliest", {}, "foo", 0],
    ["/events?last=1700000000000001000", {}, "_", 1_700_000_000_000_001],
    ["/events?last_event_id=2000&last=1000", {}, "_", 2],
    ["/events?last_event_id=2000", { "last-event-id": "3000" }, "_", 3],
  ];
  for (const [target, headers, stream, cursor] of openings) {
    test(`${target} ${headers["last-event-id"] ?? ""}`, async () => {
      const app = new TestApp();
      const init = { headers: { ...HANDSHAKE, ...headers } };
      expect(await app.handle(new Request(`http://localhost${target}`, init))).toBeUndefined();
      expect(app.upgrades).toMatchObject([
        { stream, framing: "single", listens: true, cursor, person: undefined },
      ]);
    });
  }

  test("is opened with name and status", async () => {
    const app = new TestApp();
    const target = "/events?stream=foo&name=Ada&status=typing&subscribe=1";
    expect(
      await app.handle(new Request(`http://localhost${target}`, { headers: HANDSHAKE })),
    ).toBeUndefined();
    expect(app.upgrades).toMatchObject([{ listens: true, person: { Name: "Ada", Status: "typing" } }]);
  });

  test("that was refused, a client can ask why over HTTP", async () => {
    const app = new TestApp({ maxConnections: 0 });
    const refused = await app.request("/events?subscribe=false");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await problemOf(refused)).code).toBe("too_busy");
  });

  test("is opened without a subscription", async () => {
    const app = new TestApp();
    const target = "/events?stream=foo&subscribe=false";
    expect(
      await app.handle(new Request(`http://localhost${target}`, { headers: HANDSHAKE })),
    ).toBeUndefined();
    expect(app.upgrades).toMatchObject([{ stream: "foo", listens: false }]);
  });

  const offers: [string, "single" | "lines"][] = [
    ["malten.lines", "lines"],
    ["chat, malten.lines", "lines"],
    ["chat", "single"],
    ["malten.lines2", "single"],
  ];
  for (const [offer, framing] of offers) {
    test(`with the subprotocol ${offer} uses the framing ${framing}`, async () => {
      const app = new TestApp();
      const headers = { ...HANDSHAKE, "sec-websocket-protocol": offer };
      expect(
        await app.handle(new Request("http://localhost/events?stream=foo", { headers })),
      ).toBeUndefined();
      expect(app.upgrades).toMatchObject([{ stream: "foo", framing }]);
    });
  }

  test("with a malformed handshake is rejected", async () => {
    const app = new TestApp();
    app.upgradable = false;
    const response = await app.request("/events", { headers: HANDSHAKE });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_request" });
  });

  test("with an invalid stream name is rejected before the upgrade", async () => {
    const app = new TestApp();
    const response = await app.request("/events?stream=a%0Ab", { headers: HANDSHAKE });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_name" });
    expect(app.upgrades).toEqual([]);
  });
});
