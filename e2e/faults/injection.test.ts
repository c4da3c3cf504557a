// Newlines and controls in whatever is sent on as an event, a frame or a header.
import { afterAll, describe, expect, test } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import type { ErrorFrame } from "../../src/protocol/socket.ts";
import { EventReader, SocketClient } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { send, get, post, textsOf } = new HostileClient(server);

afterAll(() => server.stop());

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

  test("through the name and the status of a listener", async () => {
    for (const ending of ["%0A", "%0D", "%0D%0Adata:x", "%E2%80%A8", "%E2%80%A9", "%C2%85", "%00", "%1B"]) {
      expectProblem(await get(`/events?name=Ada${ending}x`), 400, "bad_person");
      expectProblem(await get(`/events?name=Ada&status=away${ending}`), 400, "bad_parameter");
    }
    // Spaces around a name are removed, and a newline is one.
    await using reader = await EventReader.open(server.url, `people&name=%0AAda%0A`);
    expect((await reader.nextEvent("connect")).People).toEqual([{ Name: "Ada", Status: "online" }]);
  });

  test("through the ref of a message, in whose frame it comes back", async () => {
    const ref = 'reference"\n\ndata:{}\r\n\u2028';
    await using socket = await SocketClient.open(server.url, "refs", ["malten.lines"]);
    expect(await socket.ask({ Type: "message", Text: "a", Ref: ref })).toMatchObject({
      Type: "ack",
      Ref: ref,
    });
    expect(await socket.ask({ Type: "message", Text: "\0", Ref: ref })).toMatchObject({
      Code: "text_control",
      Ref: ref,
    });
    const parameters = new URLSearchParams({ stream: "refs", text: "a", ref });
    const repeated = await send(`POST /messages?${parameters.toString()} HTTP/1.1\r\n${HOST}\r\n`);
    expect([repeated?.status, (await textsOf("refs")).length]).toEqual([201, 1]);
  });

  test("through the fields of a WebSocket frame", async () => {
    await using socket = await SocketClient.open(server.url, "fields", ["malten.lines"]);
    const code = async (frame: object) => ((await socket.ask(frame)) as ErrorFrame).Code;
    for (const end of ["\n", "\r", "\u2028", "\0"]) {
      expect(await code({ Type: "subscribe", Stream: `a${end}` })).toBe("bad_name");
      expect(await code({ Type: "subscribe", Stream: "a", Last: `1${end}` })).toBe("bad_parameter");
      expect(await code({ Type: "presence", Name: `Ada${end}x` })).toBe("bad_person");
      expect(await code({ Type: "presence", Name: "Ada", Status: `away${end}` })).toBe("bad_parameter");
      expect(await code({ Type: `ping${end}` })).toBe("bad_request");
    }
    // A text with newlines is one line of JSON, and the next frame is a line of its own.
    socket.send({ Type: "message", Text: 'a\n{"Type":"ack"}\nb' });
    expect(await socket.texts(1)).toEqual(['a\n{"Type":"ack"}\nb']);
  });

  test("into plain text: a text cannot look like a gap", async () => {
    const gap = "\u001agap: messages after 1 and before 2 are missing";
    expectProblem(await post(gap, "text/plain", "/messages?stream=plain"), 400, "text_control");
  });
});
