// Cursors that are not cursors, and newlines in whatever is sent as an event.
import { afterAll, describe, expect, test } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import { EventReader } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { send, get, post } = new HostileClient(server);

afterAll(() => server.stop());

describe("last", () => {
  const bad = [
    "-1",
    "x",
    "",
    "1".repeat(21),
    "1.5",
    "1e18",
    "0x1",
    "+1",
    "%2B1",
    "%201",
    "1%00",
    "1%0Aid:2",
    "Infinity",
  ];
  for (const last of bad) {
    test(`${last} is rejected by /messages`, async () => {
      for (const direction of ["1", "-1"]) {
        expectProblem(await get(`/messages?direction=${direction}&last=${last}`), 400, "bad_parameter");
      }
    });
    if (last === "") continue;
    test(`${last} is rejected by /events`, async () => {
      expectProblem(await get(`/events?last=${last}`), 400, "bad_parameter");
      expectProblem(await get(`/events?last_event_id=${last}`), 400, "bad_parameter");
    });
  }

  test("of 20 digits is after every message", async () => {
    await server.publish("late", "a");
    expect((await get(`/messages?stream=late&last=${"9".repeat(20)}`))?.body).toBe("[]");
    const before = await get(`/messages?stream=late&direction=-1&last=${"9".repeat(20)}`);
    expect(JSON.parse(before?.body ?? "")).toMatchObject([{ Text: "a" }]);
  });
});

describe("Last-Event-ID", () => {
  for (const id of [
    "x",
    "-1",
    "1".repeat(21),
    "1 2",
    "é",
    "\u0080",
    "1;2",
    "null",
    `"1"`,
    "1\tid:2",
    "earliest2",
  ]) {
    test(`${JSON.stringify(id)} is rejected`, async () => {
      expectProblem(await get("/events", `Last-Event-ID: ${id}\r\n`), 400, "bad_parameter");
    });
  }

  test("is rejected when sent twice", async () => {
    const twice = "Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n";
    expectProblem(await get("/events", twice), 400, "bad_parameter");
  });

  test("with a NUL is rejected", async () => {
    expect((await get("/events", "Last-Event-ID: 1\0\r\n"))?.status).toBe(400);
  });
});

describe("newlines cannot be injected into an event", () => {
  test("through a text", async () => {
    await using reader = await EventReader.open(server.url, "inject");
    const { Server: serverName } = await reader.nextEvent("welcome");
    await reader.nextEvent("connect");
    const texts = [
      "a\n\ndata:{}\n\nid:1\nevent:x\ndata:b",
      "\nretry:0\n",
      "a\r\n\r\nid:5\r\n\r\nb",
      ": c\n\n: d",
    ];
    for (const text of texts) {
      const posted = await post(
        new URLSearchParams({ text }).toString(),
        "application/x-www-form-urlencoded",
        "/messages?stream=inject",
      );
      expect(posted?.status).toBe(201);
      const message = JSON.parse(posted?.body ?? "") as WireMessage;
      expect(await reader.next()).toEqual({
        id: `${message.Created}-${serverName}`,
        event: undefined,
        retry: undefined,
        data: { ...message, Text: text.replaceAll("\r\n", "\n") },
      });
    }
    for (const text of ["a\rdata:b", "a\r\r", "\u2028\u0085"]) {
      expectProblem(await post(text, "text/plain", "/messages?stream=inject"), 400, "text_control");
    }
  });

  test("through a name, cursor or id", async () => {
    for (const ending of ["%0A", "%0D", "%0D%0A", "%E2%80%A8", "%C2%85", "%00"]) {
      expectProblem(await get(`/events?stream=a${ending}data:x`), 400, "bad_name");
      expectProblem(await get(`/events?stream=a${ending}`), 400, "bad_name");
      expectProblem(await get(`/events?last=1${ending}`), 400, "bad_parameter");
      expectProblem(await get(`/events?last_event_id=earliest${ending}`), 400, "bad_parameter");
      expectProblem(await get(`/streams?q=a${ending}`), 400, "bad_parameter");
      const created = await send(`POST /streams?stream=a${ending} HTTP/1.1\r\n${HOST}\r\n`);
      expectProblem(created, 400, "bad_name");
      const id = await get(`/messages?id=1${ending}x`);
      expect([id?.status, id?.body]).toEqual([200, "[]"]);
    }
  });

  test("through an error message into a header", async () => {
    const response = await get("/messages?x%0D%0ASet-Cookie:a=1&x%0D%0ASet-Cookie:a=1");
    const { detail } = expectProblem(response, 400, "duplicate_parameter");
    expect(response?.headers.get("set-cookie")).toBeNull();
    expect(detail).not.toContain("\r");
  });
});
