// Resuming from a cursor, in every format.
import { describe, expect, test } from "bun:test";
import { EventReader, SocketClient, TextReader } from "../../test-support/clients.ts";
import { TestServer, turn } from "../../test-support/server.ts";
import { lineTexts, NDJSON, PLAIN, publishAll, range } from "./streams.ts";

describe("resuming delivers later messages", () => {
  const setUp = async () => {
    const server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 200));
    return { server, at: (n: number): string => created[n - 1] ?? "" };
  };

  test("after the Last-Event-ID header", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    await using reader = await EventReader.open(server.url, "foo", { "last-event-id": at(60) });
    expect(await reader.texts(140)).toEqual(range(61, 200));
    await publishAll(server, "foo", ["live"]);
    expect(await reader.texts(1)).toEqual(["live"]);
  });

  test("after last_event_id and last", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    for (const name of ["last_event_id", "last"]) {
      await using reader = await EventReader.open(server.url, `foo&${name}=${at(195)}`);
      expect(await reader.texts(5)).toEqual(range(196, 200));
    }
  });

  test("earliest: everything kept, without a gap", async () => {
    const { server } = await setUp();
    await using _ = server;
    for (const query of ["foo&last=earliest", "foo&last_event_id=earliest"]) {
      await using reader = await EventReader.open(server.url, query);
      expect(await reader.texts(200)).toEqual(range(1, 200));
    }
    await using reader = await EventReader.open(server.url, "foo", { "last-event-id": "earliest" });
    expect(await reader.texts(200)).toEqual(range(1, 200));
  });

  test("the header takes precedence, then last_event_id", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    const query = `foo&last=earliest&last_event_id=${at(190)}`;
    await using header = await EventReader.open(server.url, query, { "last-event-id": at(198) });
    expect(await header.texts(2)).toEqual(range(199, 200));
    await using parameter = await EventReader.open(server.url, query);
    expect(await parameter.texts(10)).toEqual(range(191, 200));
  });

  test("after the newest: nothing, and no gap", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    await using reader = await EventReader.open(server.url, `foo&last=${at(200)}`);
    await reader.nextEvent("connect");
    await publishAll(server, "foo", ["live"]);
    expect(await reader.texts(1)).toEqual(["live"]);
  });

  test("in every format", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    const query = `foo&last=${at(150)}`;
    await using lines = await TextReader.open(`${server.url}/events?stream=${query}`, NDJSON);
    expect(lines.response.headers.get("content-type")).toBe("application/x-ndjson");
    await using text = await TextReader.open(`${server.url}/events?stream=${query}`, PLAIN);
    expect(await text.upTo("\n")).toBe("");
    expect(text.response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    await using socket = await SocketClient.open(server.url, query);
    await publishAll(server, "foo", ["live"]);
    const expected = [...range(151, 200), "live"];
    expect(await lineTexts(lines, 51)).toEqual(expected);
    expect(await socket.texts(51)).toEqual(expected);
    const texts: (string | undefined)[] = [];
    while (texts.length < 51) texts.push(await text.upTo("\n"));
    expect(texts).toEqual(expected);
  });

  test("each once under constant publishing", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["0"]);
    let sent = 0;
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await server.publish("foo", String(++sent));
      await turn();
    };
    let last = "earliest";
    let expected = 0;
    for (let round = 0; round < 30; round++) {
      await using reader = await EventReader.open(server.url, "foo", { "last-event-id": last });
      const sending = (async () => {
        for (let i = 0; i < 5; i++) await send(3);
      })();
      // It disconnects while messages keep arriving.
      for (let i = 0; i < 12; i++) {
        const event = await reader.next();
        if (event?.data.Type !== "message") {
          expect(event?.data.Text).toBeOneOf(["welcome", "connect"]);
          continue;
        }
        expect(event.data.Text).toBe(String(expected++));
        last = event.id ?? "";
      }
      await sending;
    }
    await using rest = await EventReader.open(server.url, "foo", { "last-event-id": last });
    expect(await rest.texts(sent - expected + 1)).toEqual(range(expected, sent));
  });
});
