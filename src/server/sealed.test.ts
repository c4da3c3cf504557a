// Sealed streams over real connections: what each right allows on each route, and that everything else looks like a stream that does
// not exist.
import { afterAll, describe, expect, test } from "bun:test";
import { envelope, RIGHTS, sealedStream, type SealedStream } from "../../test-support/access-tokens.ts";
import { EventReader, SocketClient, TextReader } from "../../test-support/clients.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import type { WireMessage } from "../protocol/message.ts";
import type { WirePresence } from "../protocol/presence.ts";
import type { ErrorFrame } from "../protocol/socket.ts";
import type { Right } from "./proof.ts";

const server = new TestServer();

afterAll(() => server.stop());

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Sends a request with a token. */
function request(method: string, target: string, token?: string, body?: URLSearchParams): Promise<Response> {
  return fetch(`${server.url}${target}`, { method, headers: bearer(token), ...(body && { body }) });
}

function publish(stream: string, text: string, token?: string): Promise<Response> {
  return request("POST", "/messages", token, new URLSearchParams({ stream, text }));
}

async function textsOf({ name, tokens }: SealedStream): Promise<string[]> {
  const response = await request("GET", `/messages?stream=${name}`, tokens.reader);
  return ((await response.json()) as WireMessage[]).map(({ Text }) => Text);
}

/** A sealed stream with a message. */
async function existing(): Promise<SealedStream> {
  const stream = sealedStream();
  expect((await publish(stream.name, envelope(), stream.tokens.writer)).status).toBe(201);
  return stream;
}

/** What requests about a stream need, in the order of the tests: the last ends it. */
const REQUESTS: readonly { right: Right; method: string; target: string; body?: string; ok: number }[] = [
  { right: "reader", method: "GET", target: "/messages?stream=NAME", ok: 200 },
  { right: "reader", method: "HEAD", target: "/messages?stream=NAME", ok: 200 },
  { right: "reader", method: "GET", target: "/messages?stream=NAME&limit=1024&last=1", ok: 200 },
  { right: "reader", method: "GET", target: "/messages?stream=NAME&id=abc", ok: 200 },
  { right: "reader", method: "GET", target: "/messages?stream=NAME&wait=1&direction=1", ok: 200 },
  { right: "reader", method: "GET", target: "/presence?stream=NAME", ok: 200 },
  { right: "reader", method: "HEAD", target: "/events?stream=NAME", ok: 200 },
  { right: "writer", method: "POST", target: "/messages?stream=NAME&text=~1.AA", ok: 201 },
  { right: "writer", method: "POST", target: "/messages", body: "stream=NAME&text=~1.AA", ok: 201 },
  { right: "owner", method: "POST", target: "/streams?stream=NAME&ttl=60", ok: 409 },
  { right: "owner", method: "POST", target: "/streams", body: "stream=NAME&private=false", ok: 409 },
  { right: "owner", method: "DELETE", target: "/streams?stream=NAME", ok: 204 },
];

for (const { right, method, target, body, ok } of REQUESTS) {
  const ask = async ({ name }: SealedStream, token?: string) =>
    fetch(`${server.url}${target.replace("NAME", name)}`, {
      method,
      headers: bearer(token),
      ...(body !== undefined && { body: new URLSearchParams(body.replace("NAME", name)) }),
    });

  test(`${method} ${target} is for ${right}s and above`, async () => {
    for (const [shown, each] of RIGHTS.entries()) {
      const stream = await existing();
      const response = await ask(stream, stream.tokens[each]);
      expect([each, response.status]).toEqual([each, shown < RIGHTS.indexOf(right) ? 404 : ok]);
    }
  });

  test(`${method} ${target} without the right is answered like an absent private stream, byte for byte`, async () => {
    const [present, absent, other] = [await existing(), sealedStream(), sealedStream()];
    const lower = RIGHTS.slice(0, RIGHTS.indexOf(right));
    const raw = async (line: string, authorization: string, form = "") => {
      using connection = await RawConnection.open(server.port);
      const type = form === "" ? "" : "Content-Type: application/x-www-form-urlencoded\r\n";
      connection.send(
        `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${authorization}${type}Content-Length: ${form.length}\r\n\r\n${form}`,
      );
      return (await connection.rest()).replace(/Date: .*\r\n/, "");
    };
    const owned = await raw("DELETE /streams?stream=.absent", "Authorization: Bearer x\r\n");
    expect(owned).toStartWith("HTTP/1.1 404 Not Found\r\n");
    // The answer to HEAD has no body, and the runtime writes the name of one header in another way.
    const expected =
      method === "HEAD"
        ? owned.slice(0, owned.indexOf("\r\n\r\n") + 4).replace("Content-Length", "content-length")
        : owned;
    for (const stream of [present, absent]) {
      const proofs = [
        "",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer x\r\n",
        "Authorization: Basic eDp5\r\n",
        ...Object.values(other.tokens).map((token) => `Authorization: Bearer ${token}\r\n`),
        ...lower.map((each) => `Authorization: Bearer ${stream.tokens[each]}\r\n`),
        // Two headers are one list.
        `Authorization: Bearer ${stream.tokens.owner}\r\n`.repeat(2),
        `Authorization: Bearer ${stream.tokens.owner}A\r\n`,
      ];
      for (const proof of proofs) {
        const answer = await raw(
          `${method} ${target.replace("NAME", stream.name)}`,
          proof,
          body?.replace("NAME", stream.name),
        );
        expect([proof, answer]).toEqual([proof, expected]);
      }
    }
    expect(await textsOf(present)).toHaveLength(1);
    expect(await textsOf(absent)).toHaveLength(0);
  });
}

test("a sealed stream takes envelopes and nothing else", async () => {
  const { name, tokens } = sealedStream();
  const texts = [
    "hello",
    "",
    " ",
    "~1.",
    "~1.A A",
    `~1.${"A".repeat(8190)}`,
    "\u{1f600}",
    "a".repeat(60_000),
  ];
  for (const text of texts) {
    const response = await publish(name, text, tokens.writer);
    expect([response.status, await response.json()]).toMatchObject([400, { code: "envelope_required" }]);
    // Whoever may not write learns nothing of it.
    expect((await publish(name, text, tokens.reader)).status).toBe(404);
  }
  const longest = envelope(8192);
  expect((await publish(name, longest, tokens.writer)).status).toBe(201);
  const [message] = (await (
    await request("GET", `/messages?stream=${name}`, tokens.reader)
  ).json()) as WireMessage[];
  expect(message?.Text).toBe(longest);
});

test("on a stream that is not sealed, an envelope is a text like any other", async () => {
  expect((await publish("plain", envelope(1024))).status).toBe(201);
  const long = await publish("plain", envelope(1025));
  expect([long.status, await long.json()]).toMatchObject([413, { code: "text_too_long" }]);
});

test("its messages are sent uncompressed, so that their sizes tell nothing new", async () => {
  const stream = await existing();
  for (let i = 0; i < 4; i++) await publish(stream.name, envelope(), stream.tokens.writer);
  const { headers } = await request("GET", `/messages?stream=${stream.name}`, stream.tokens.reader);
  expect(Number(headers.get("content-length"))).toBeGreaterThan(1024);
  expect(headers.get("content-encoding")).toBeNull();
});

test("the owner creates it with a time-to-live, and the server makes no token", async () => {
  const { name, tokens } = sealedStream();
  const created = await request("POST", `/streams?stream=${name}&ttl=60`, tokens.owner);
  expect([created.status, await created.json()]).toEqual([201, { stream: name, private: true, ttl: 60 }]);
  const again = await request("POST", `/streams?stream=${name}`, tokens.owner);
  expect([again.status, await again.json()]).toMatchObject([409, { code: "stream_exists" }]);
  expect((await request("DELETE", `/streams?stream=${name}`, tokens.owner)).status).toBe(204);
  expect((await request("DELETE", `/streams?stream=${name}`, tokens.owner)).status).toBe(404);
});

test("it is not listed, whoever asks", async () => {
  const { name, tokens } = await existing();
  for (const q of ["", "~", name.slice(0, 10), name]) {
    const response = await request("GET", `/streams?q=${q}`, tokens.owner);
    expect(await response.text()).not.toContain("~");
  }
});

for (const [accept, read] of [
  ["text/event-stream", (line: string) => (JSON.parse(line.slice(5)) as WireMessage).Text],
  ["application/x-ndjson", (line: string) => (JSON.parse(line) as WireMessage).Text],
  ["text/plain", (line: string) => line],
] as const) {
  test(`readers listen with ${accept}, from history and live`, async () => {
    const { name, tokens } = sealedStream();
    const [first, second] = [envelope(8192), envelope(600)];
    await publish(name, first, tokens.writer);
    await using reader = await TextReader.open(`${server.url}/events?stream=${name}&last=earliest`, {
      accept,
      ...bearer(tokens.reader),
    });
    const next = async () => {
      for (;;) {
        const line = await reader.upTo("\n");
        if (line?.includes("~1.") === true) return read(line);
        if (line === undefined) throw new Error("the response ended");
      }
    };
    expect(await next()).toBe(first);
    await publish(name, second, tokens.writer);
    expect(await next()).toBe(second);
  });

  test(`no one listens with ${accept} without a proof`, async () => {
    const { name, tokens } = await existing();
    for (const token of [undefined, sealedStream().tokens.owner, tokens.reader.slice(1)]) {
      const response = await fetch(`${server.url}/events?stream=${name}&last=earliest`, {
        headers: { accept, ...bearer(token) },
      });
      expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
    }
  });
}

test("a long poll is answered by the next envelope", async () => {
  const { name, tokens } = await existing();
  const [newest] = (await (
    await request("GET", `/messages?stream=${name}`, tokens.reader)
  ).json()) as WireMessage[];
  const poll = request("GET", `/messages?stream=${name}&wait=60&last=${newest?.Created}`, tokens.reader);
  const text = envelope();
  await publish(name, text, tokens.writer);
  expect(((await (await poll).json()) as WireMessage[]).map(({ Text }) => Text)).toEqual([text]);
});

/** The answer to a frame with the ref 1 about a sealed stream without a proof. */
const NOT_FOUND: ErrorFrame = { Type: "error", Ref: 1, Code: "not_found", Text: "No such stream" };

describe("a WebSocket", () => {
  test("carries several sealed streams and others, each frame with its own proof", async () => {
    const [one, two] = [sealedStream(), sealedStream()];
    await using socket = await SocketClient.open(server.url, "plain&subscribe=false");
    for (const { name, tokens } of [one, two]) {
      const frame = { Type: "subscribe", Stream: name };
      const access = { Access: tokens.reader };
      for (const wrong of [{}, { Access: "" }, { Access: sealedStream().tokens.reader }])
        expect(await socket.ask({ ...frame, ...wrong, Ref: 1 })).toEqual(NOT_FOUND);
      expect(await socket.ask({ ...frame, ...access, Last: "earliest" })).toEqual({ Type: "ack" });
    }
    expect(await socket.ask({ Type: "subscribe", Stream: "plain2" })).toEqual({ Type: "ack" });
    const [first, second] = [envelope(8192), envelope()];
    socket.send({ Type: "message", Stream: one.name, Text: first, Access: one.tokens.writer });
    socket.send({ Type: "message", Stream: two.name, Text: second, Access: two.tokens.owner });
    socket.send({ Type: "message", Stream: "plain2", Text: "hello" });
    expect((await socket.texts(3)).sort()).toEqual([first, second, "hello"].sort());
  });

  test("that has subscribed may not publish without a proof of its own", async () => {
    const { name, tokens } = await existing();
    await using socket = await SocketClient.open(server.url, name, [], bearer(tokens.writer));
    const frame = { Type: "message", Text: envelope(), Ref: 1 };
    for (const wrong of [{}, { Access: tokens.reader }, { Access: sealedStream().tokens.writer }]) {
      expect(await socket.ask({ ...frame, ...wrong })).toEqual(NOT_FOUND);
      expect(await socket.ask({ ...frame, Stream: name, ...wrong })).toEqual(NOT_FOUND);
    }
    for (const right of ["writer", "owner"] as const)
      expect(await socket.ask({ ...frame, Access: tokens[right] })).toMatchObject({ Type: "ack", Ref: 1 });
    expect(await socket.ask({ ...frame, Text: "hello", Access: tokens.writer })).toMatchObject({
      Type: "error",
      Code: "envelope_required",
    });
    expect(await socket.ask({ ...frame, Access: 1 })).toMatchObject({ Type: "error", Code: "bad_request" });
  });

  test("is not opened on a sealed stream without a proof", async () => {
    const { name, tokens } = await existing();
    const headers = { connection: "upgrade", upgrade: "websocket" };
    const handshake = {
      ...headers,
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    for (const token of [undefined, sealedStream().tokens.owner]) {
      const response = await fetch(`${server.url}/events?stream=${name}`, {
        headers: { ...handshake, ...bearer(token) },
      });
      expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
    }
    await using socket = await SocketClient.open(
      server.url,
      `${name}&last=earliest`,
      [],
      bearer(tokens.reader),
    );
    expect(await socket.texts(1)).toEqual(await textsOf({ name, tokens, parts: [] }));
  });

  test("that is refused a stream keeps its subscription to it", async () => {
    const { name, tokens } = await existing();
    await using socket = await SocketClient.open(server.url, name, [], bearer(tokens.reader));
    expect(await socket.ask({ Type: "subscribe", Stream: name, Ref: 1 })).toEqual(NOT_FOUND);
    const text = envelope();
    await publish(name, text, tokens.writer);
    expect(await socket.texts(1)).toEqual([text]);
  });

  test("answers a frame without the right alike, whether the stream exists or not", async () => {
    const [present, absent] = [await existing(), sealedStream()];
    await using socket = await SocketClient.open(server.url, "plain&subscribe=false");
    for (const { name, tokens } of [present, absent]) {
      for (const frame of [
        { Type: "subscribe", Stream: name },
        { Type: "subscribe", Stream: name, Last: "earliest" },
        { Type: "message", Stream: name, Text: envelope() },
        { Type: "message", Stream: name, Text: "hello", Access: tokens.reader },
        { Type: "presence", Stream: name, Name: envelope() },
      ])
        expect(await socket.ask({ ...frame, Ref: 1 })).toEqual(NOT_FOUND);
    }
  });
});

describe("presence", () => {
  const people = async ({ name, tokens }: SealedStream) => {
    const response = await request("GET", `/presence?stream=${name}`, tokens.reader);
    return ((await response.json()) as WirePresence).People;
  };

  test("shows sealed names of up to 1,536 characters and their status", async () => {
    const stream = sealedStream();
    const { name, tokens } = stream;
    const [ann, bob, eve] = [envelope(1536), envelope(100), envelope(1536)];
    const headers = bearer(tokens.reader);
    await using _ = await EventReader.open(server.url, `${name}&name=${ann}&status=typing`, headers);
    await using socket = await SocketClient.open(server.url, "plain&subscribe=false");
    const access = { Stream: name, Access: tokens.reader };
    expect(await socket.ask({ Type: "subscribe", ...access, Name: bob })).toEqual({ Type: "ack" });
    expect(await people(stream)).toEqual([
      { Name: ann, Status: "typing" },
      { Name: bob, Status: "online" },
    ]);
    expect(await socket.ask({ Type: "presence", ...access, Name: eve, Status: "away" })).toEqual({
      Type: "ack",
    });
    expect(await people(stream)).toEqual([
      { Name: ann, Status: "typing" },
      { Name: eve, Status: "away" },
    ]);
    expect(await socket.ask({ Type: "presence", Stream: name, Name: bob, Ref: 1 })).toEqual(NOT_FOUND);
    expect(await socket.ask({ Type: "presence", ...access })).toEqual({ Type: "ack" });
    expect(await people(stream)).toHaveLength(1);
  });

  test("does not take names in the clear, or longer ones", async () => {
    const { name, tokens } = sealedStream();
    await using socket = await SocketClient.open(server.url, "plain&subscribe=false");
    for (const wrong of ["Ann", "", envelope(1537), "~1.A A"]) {
      const response = await request("GET", `/events?stream=${name}&name=${wrong}`, tokens.reader);
      expect([response.status, await response.json()]).toMatchObject([400, { code: "bad_person" }]);
      const frame = { Type: "subscribe", Stream: name, Access: tokens.reader, Name: wrong };
      expect(await socket.ask(frame)).toMatchObject({ Type: "error", Code: "bad_person" });
    }
    // The limit of other streams stays.
    const response = await request("GET", `/events?stream=plain&name=${envelope(33)}`);
    expect([response.status, await response.json()]).toMatchObject([400, { code: "bad_person" }]);
  });
});

test("a stream that has expired and begins again is sealed as before", async () => {
  const clock = new ManualClock();
  await using other = new TestServer({ clock });
  const { name, tokens } = sealedStream();
  const send = (token: string) =>
    fetch(`${other.url}/messages`, {
      method: "POST",
      headers: bearer(token),
      body: new URLSearchParams({ stream: name, text: envelope() }),
    });
  const read = async (token?: string) =>
    fetch(`${other.url}/messages?stream=${name}`, { headers: bearer(token) });
  expect((await send(tokens.writer)).status).toBe(201);
  clock.advance(1_025_000);
  other.onTimer();
  expect(await (await read(tokens.reader)).json()).toEqual([]);
  expect((await read()).status).toBe(404);
  expect((await send(tokens.reader)).status).toBe(404);
  expect((await send(tokens.writer)).status).toBe(201);
  expect((await read()).status).toBe(404);
  expect(await (await fetch(`${other.url}/streams`)).json()).toEqual({});
});

test("pages of any origin may send the token, and preflights allow nothing else that is new", async () => {
  const { name } = await existing();
  for (const path of ["/messages", "/events", "/presence", "/streams"]) {
    const response = await fetch(`${server.url}${path}?stream=${name}`, {
      method: "OPTIONS",
      headers: { origin: "https://a.example", "access-control-request-headers": "authorization" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toBe(
      "authorization, content-type, last-event-id",
    );
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  }
  const refused = await request("GET", `/messages?stream=${name}`);
  expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  expect(refused.headers.get("www-authenticate")).toBeNull();
});
