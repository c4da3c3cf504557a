// Gaps: messages that a listener missed and that are gone are reported, in every format.
import { describe, expect, test } from "bun:test";
import type { WireEvent } from "../../src/protocol/message.ts";
import { EventReader, SocketClient, TextReader } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { create, lineTexts, NDJSON, nextLine, PLAIN, publishAll, range } from "./streams.ts";

describe("a gap is reported", () => {
  /** Returns the gap and the texts after it in each format that has events. */
  const inEachFormat = async (server: TestServer, query: string, texts: number) => {
    const answers: { gap: WireEvent; texts: string[] }[] = [];
    await using sse = await EventReader.open(server.url, query);
    answers.push({ gap: (await sse.nextData()) as WireEvent, texts: await sse.texts(texts) });
    await using lines = await TextReader.open(`${server.url}/events?stream=${query}`, NDJSON);
    answers.push({ gap: (await nextLine(lines)) as WireEvent, texts: await lineTexts(lines, texts) });
    await using socket = await SocketClient.open(server.url, query);
    answers.push({ gap: (await socket.next()) as WireEvent, texts: await socket.texts(texts) });
    return answers;
  };

  test("if messages were evicted", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 1034));
    for (const { gap, texts } of await inEachFormat(server, `foo&last=${created[4]}`, 1024)) {
      expect(gap).toMatchObject({ Type: "event", Text: "gap", From: created[4], To: created[10] });
      expect(texts).toEqual(range(11, 1034));
    }
  });

  test("but not if the cursor is the last evicted message", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 1034));
    await using reader = await EventReader.open(server.url, `foo&last=${created[9]}`);
    expect(await reader.texts(1024)).toEqual(range(11, 1034));
  });

  test("if the stream was deleted and created again", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    const [before] = await publishAll(server, "foo", ["1", "2"]);
    await end();
    const [after] = await publishAll(server, "foo", ["3"]);
    for (const { gap, texts } of await inEachFormat(server, `foo&last=${before}`, 1)) {
      expect(gap).toMatchObject({ Text: "gap", From: before });
      // Not beyond the next message.
      expect(Number(gap.To)).toBeLessThanOrEqual(Number(after));
      expect(Number(gap.To)).toBeGreaterThan(Number(before));
      expect(texts).toEqual(["3"]);
    }
  });

  test("if the stream was deleted, but not if another was, nor for earliest", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    const [known] = await publishAll(server, "foo", ["1", "2"]);
    await end();
    for (const { gap } of await inEachFormat(server, `foo&last=${known}`, 0)) {
      expect(gap).toMatchObject({ Text: "gap", From: known });
      expect(Number(gap.To)).toBeGreaterThan(Number(known));
    }
    for (const query of [`bar&last=${known}`, "foo&last=earliest"]) {
      await using reader = await EventReader.open(server.url, query);
      await reader.nextEvent("connect");
      await publishAll(server, query.slice(0, 3), ["first"]);
      expect(await reader.texts(1)).toEqual(["first"]);
    }
  });

  test("once, and later messages follow", async () => {
    await using server = new TestServer();
    await using reader = await EventReader.open(server.url, "foo&last=1000");
    expect(await reader.texts(1)).toEqual(["<gap>"]);
    await publishAll(server, "foo", ["1", "2"]);
    expect(await reader.texts(2)).toEqual(["1", "2"]);
  });

  test("if the cursor is later than everything on this server", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["1", "2"]);
    await using reader = await EventReader.open(server.url, "foo&last=9999999999999999999");
    expect(await reader.texts(3)).toEqual(["<gap>", "1", "2"]);
  });

  test("in plain text as a line that no message can contain", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 1025));
    await using reader = await TextReader.open(`${server.url}/events?stream=foo&last=1000`, PLAIN);
    expect(await reader.upTo("\n")).toBe("");
    const line = await reader.upTo("\n");
    expect(line).toStartWith("\u001a");
    expect(line).toContain(created[1] ?? "");
    expect(await reader.upTo("\n")).toBe("2");
  });
});
