// Cursors that are not cursors.
import { afterAll, describe, expect, test } from "bun:test";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { get } = new HostileClient(server);

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
