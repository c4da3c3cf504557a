// Messages with the name of their sender, and without one, over real connections.
import { afterAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { envelope, sealedStream } from "../../test-support/access-tokens.ts";
import { EventReader, SocketClient, TextReader } from "../../test-support/clients.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { anyName, anyText } from "../../test-support/messages.ts";
import { problemOf, TestServer } from "../../test-support/server.ts";
import type { WireMessage } from "../protocol/message.ts";
import type { ErrorFrame } from "../protocol/socket.ts";

const server = new TestServer();

afterAll(() => server.stop());

type Parameters = Readonly<Record<string, string>>;

/** The ways to send parameters. */
const WAYS: Readonly<
  Record<string, (parameters: Parameters) => readonly [query: string, init: RequestInit]>
> = {
  query: (parameters) => [new URLSearchParams(parameters).toString(), {}],
  form: (parameters) => ["", { body: new URLSearchParams(parameters) }],
  multipart: (parameters) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(parameters)) form.set(name, value);
    return ["", { body: form }];
  },
  json: (parameters) => [
    "",
    { body: JSON.stringify(parameters), headers: { "content-type": "application/json" } },
  ],
};

function post(way: string, parameters: Parameters, headers: Record<string, string> = {}): Promise<Response> {
  const [query, init] = WAYS[way]?.(parameters) ?? ["", {}];
  return fetch(`${server.url}/messages?${query}`, {
    method: "POST",
    ...init,
    headers: { ...(init.headers as Record<string, string> | undefined), ...headers },
  });
}

let streams = 0;

function newStream(): string {
  return `names-${streams++}`;
}

/** Reads the messages of a stream in every way there is, each as a list of their JSON. */
async function readings(stream: string, count: number): Promise<Record<string, readonly string[]>> {
  const url = `${server.url}/messages?stream=${stream}`;
  const history = await (await fetch(`${url}&limit=1024`)).text();
  const messages = JSON.parse(history) as WireMessage[];
  const one = await Promise.all(
    messages.map(async ({ Id }) => (await (await fetch(`${url}&id=${Id}`)).text()).slice(1, -1)),
  );
  const polled = await (await fetch(`${url}&limit=1024&wait=5&last=1`)).text();
  const backward = (await (await fetch(`${url}&limit=1024&direction=-1`)).json()) as WireMessage[];
  const target = `${server.url}/events?stream=${stream}&last=earliest`;
  await using sse = await TextReader.open(target);
  await using ndjson = await TextReader.open(target, { accept: "application/x-ndjson" });
  const lines = async (reader: TextReader, separator: string, prefix: RegExp) => {
    const read: string[] = [];
    while (read.length < count) {
      const json = (await reader.upTo(separator))?.replace(prefix, "") ?? "";
      if (json.includes('"Type":"message"')) read.push(json);
    }
    return read;
  };
  return {
    history: messages.map((message) => JSON.stringify(message)),
    page: [history.slice(1, -1)],
    poll: [polled.slice(1, -1)],
    backward: backward.toReversed().map((message) => JSON.stringify(message)),
    id: one,
    sse: await lines(sse, "\n\n", /^(?:(?:retry|id):.*\n)*data:/),
    ndjson: await lines(ndjson, "\n", /^/),
    socket: await frames(stream, count),
    lines: await frames(stream, count, "malten.lines"),
  };
}

/** Returns the messages of a stream as a WebSocket gets them. */
async function frames(stream: string, count: number, ...subprotocols: string[]): Promise<readonly string[]> {
  const url = `${server.url.replace("http", "ws")}/events?stream=${stream}&last=earliest`;
  const socket = new WebSocket(url, subprotocols);
  const read: string[] = [];
  const done = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => {
    for (const line of String(data).split("\n")) if (line.includes('"Type":"message"')) read.push(line);
    if (read.length >= count) done.resolve();
  });
  await done.promise;
  socket.close();
  return read;
}

const anySent = fc.record({ text: anyText, name: fc.option(anyName, { nil: undefined }) });

test("property: any text and name are received as they were sent, in whatever way", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anySent, { minLength: 1, maxLength: 6 }), async (sent) => {
      const stream = newStream();
      await using socket = await SocketClient.open(server.url, "_&subscribe=false");
      const ways = [...Object.keys(WAYS), "frame"];
      const answers: string[] = [];
      for (const [i, { text, name }] of sent.entries()) {
        const way = ways[i % ways.length] ?? "";
        if (way === "frame") {
          const ack = await socket.ask({ Type: "message", Stream: stream, Text: text, Name: name });
          expect(ack.Type).toBe("ack");
          const { Id } = ack as { Id: string };
          answers.push(
            (await (await fetch(`${server.url}/messages?stream=${stream}&id=${Id}`)).text()).slice(1, -1),
          );
        } else {
          const response = await post(way, { stream, text, ...(name !== undefined && { name }) });
          expect(response.status).toBe(201);
          answers.push(await response.text());
        }
      }
      for (const [i, json] of answers.entries()) {
        const { text: Text = "", name: Name } = sent[i] ?? {};
        const message = JSON.parse(json) as WireMessage;
        const members = ["Id", "Text", "Type", "Created", "Stream", "Metadata"];
        expect(Object.keys(message)).toEqual(Name === undefined ? members : [...members, "Name"]);
        expect(message).toMatchObject({ Text, ...(Name !== undefined && { Name }) });
      }
      for (const [how, read] of Object.entries(await readings(stream, sent.length)))
        expect({ [how]: read.join(",") }).toEqual({ [how]: answers.join(",") });
    }),
    { numRuns: 25 },
  );
});

test("plain text has no names", async () => {
  const stream = newStream();
  await post("form", { stream, text: "hello", name: "Ada" });
  await post("form", { stream, text: "world" });
  const reader = await TextReader.open(`${server.url}/events?stream=${stream}&last=earliest`, {
    accept: "text/plain",
  });
  await using _ = reader;
  expect([await reader.upTo("\n"), await reader.upTo("\n"), await reader.upTo("\n")]).toEqual([
    "",
    "hello",
    "world",
  ]);
});

test("a name reaches those who listen already, by every transport", async () => {
  const stream = newStream();
  const open = (query: string) => SocketClient.open(server.url, query);
  await using sse = await EventReader.open(server.url, stream);
  await using socket = await open(stream);
  await sse.nextEvent("connect");
  const waiting = fetch(`${server.url}/messages?stream=${stream}&wait=30`);
  while ((await sse.nextEvent("connect")).Observers !== 3);
  const sent = await (await post("json", { stream, text: "hello", name: " Ada " })).text();
  expect(JSON.parse(sent)).toMatchObject({ Text: "hello", Name: "Ada" });
  expect(JSON.stringify(await sse.nextData())).toBe(sent);
  expect(JSON.stringify(await socket.next())).toBe(sent);
  expect(await (await waiting).text()).toBe(`[${sent}]`);
});

describe("a name is refused, and nothing published", () => {
  const bad: Record<string, string> = {
    blank: "",
    "made of spaces": " \u00a0\t\n",
    "of 33 characters": "\u{1f600}".repeat(33),
    "with a newline": "Ada\nLovelace",
    "with a tab": "Ada\tLovelace",
    "with an escape sequence": "\u001b[31mAda",
    "with a separator of the store": "Ada\u001fhello",
    "with DEL": "Ada\u007f",
    "with a C1 control": "Ada\u0085x",
    "with a line separator": "Ada\u2028x",
  };
  for (const [what, name] of Object.entries(bad))
    test(what, async () => {
      const stream = newStream();
      await using socket = await SocketClient.open(server.url, `${stream}&subscribe=false`);
      for (const way of Object.keys(WAYS))
        expect(await problemOf(await post(way, { stream, text: "hello", name }))).toMatchObject({
          status: 400,
          code: "bad_person",
        });
      const error = (await socket.ask({ Type: "message", Text: "hello", Name: name, Ref: 1 })) as ErrorFrame;
      expect(error).toMatchObject({ Type: "error", Ref: 1, Code: "bad_person" });
      expect(await (await fetch(`${server.url}/messages?stream=${stream}`)).text()).toBe("[]");
    });

  test("that is not well-formed", async () => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"text":"hello","name":"\\ud83d"}',
    };
    expect(await problemOf(await fetch(`${server.url}/messages`, init))).toMatchObject({
      code: "bad_person",
    });
    await using socket = await SocketClient.open(server.url, "_&subscribe=false");
    const frame = '{"Type":"message","Text":"hello","Name":"\\ud83d"}';
    expect(await socket.ask(frame)).toMatchObject({ Code: "bad_person" });
  });

  test("that is given twice, or is no string", async () => {
    const init = { method: "POST", body: new URLSearchParams({ text: "hello", name: "Ada" }) };
    const twice = await fetch(`${server.url}/messages?name=Bob`, init);
    expect(await problemOf(twice)).toMatchObject({ code: "duplicate_parameter" });
    await using socket = await SocketClient.open(server.url, "_&subscribe=false");
    const frame = '{"Type":"message","Text":"hello","Name":"Ada","Name":"Bob"}';
    expect(await socket.ask(frame)).toMatchObject({ Code: "duplicate_parameter" });
    for (const Name of [null, 5, ["Ada"], { Name: "Ada" }])
      expect(await socket.ask({ Type: "message", Text: "hello", Name })).toMatchObject({
        Code: "bad_request",
        Text: "Name must be a string",
      });
  });

  test("beside an envelope: it belongs inside", async () => {
    const { name: stream, tokens } = sealedStream();
    const authorization = { authorization: `Bearer ${tokens.writer}` };
    const Text = envelope();
    for (const name of ["Ada", "", envelope()]) {
      const problem = await problemOf(await post("form", { stream, text: Text, name }, authorization));
      expect(problem).toMatchObject({ status: 400, code: "bad_person" });
      expect(problem.detail).toContain("inside the envelope");
      await using socket = await SocketClient.open(server.url, `${stream}&subscribe=false`);
      const frame = { Type: "message", Text, Name: name, Access: tokens.writer };
      expect(await socket.ask(frame)).toMatchObject({ Code: "bad_person" });
      expect(await socket.ask({ ...frame, Name: undefined })).toMatchObject({ Type: "ack" });
    }
    // Nobody without the right learns more than that there is nothing.
    expect(await problemOf(await post("form", { stream, text: Text, name: "Ada" }))).toMatchObject({
      code: "not_found",
    });
  });
});

test("a message published again is the same one only with the same name", async () => {
  const stream = newStream();
  const ref = "0123456789abcdef";
  const first = await (await post("form", { stream, text: "hello", name: "Ada", ref })).text();
  const again = await post("json", { stream, text: "hello", name: "Ada ", ref });
  expect([again.status, await again.text()]).toEqual([201, first]);
  for (const other of [{}, { name: "Bob" }])
    expect(await problemOf(await post("form", { stream, text: "hello", ...other, ref }))).toMatchObject({
      status: 409,
      code: "ref_reused",
    });
  await using socket = await SocketClient.open(server.url, `${stream}&subscribe=false`);
  const frame = { Type: "message", Text: "hello", Name: "Ada", Ref: ref };
  expect(await socket.ask(frame)).toMatchObject({ Id: (JSON.parse(first) as WireMessage).Id });
  expect(await (await fetch(`${server.url}/messages?stream=${stream}`)).text()).toBe(`[${first}]`);
});

describe("without a name, everything is as it was before there were names", () => {
  /** A server whose messages have known times. */
  function fixed(): { server: TestServer; message: string; head: string } {
    const clock = new ManualClock();
    const message =
      '{"Id":"1795363701902395-test","Text":"hi \\"there\\"","Type":"message","Created":"1795363701902395000","Stream":"foo","Metadata":null}';
    return { server: new TestServer({ clock }), message, head: "1795363701902395000-test" };
  }

  test("in the answer and in history", async () => {
    const { server: old, message } = fixed();
    await using _ = old;
    await using socket = await SocketClient.open(old.url, "foo&subscribe=false");
    const response = await fetch(`${old.url}/messages?stream=foo&text=hi+%22there%22`, { method: "POST" });
    expect(await response.text()).toBe(message);
    expect(await (await fetch(`${old.url}/messages?stream=foo`)).text()).toBe(`[${message}]`);
    expect(await socket.ask({ Type: "message", Text: "two", Ref: 7 })).toEqual({
      Type: "ack",
      Ref: 7,
      Id: "1795363701902396-test",
      Created: "1795363701902396000",
      Cursor: "1795363701902396000-test",
    });
  });

  test("live, but for what the welcome has more", async () => {
    const { server: old, message, head } = fixed();
    await using _ = old;
    // The first id is the stream's own.
    await old.publish("foo", 'hi "there"');
    const target = `${old.url}/events?stream=foo&last=earliest`;
    const welcome =
      `{"Id":"1795363701902396-test","Text":"welcome","Type":"event","Created":"1795363701902396000","Stream":"foo","Metadata":null,` +
      `"Server":"test","Cursor":"0-test","TTL":1024000000000,"Expires":"1795364725902395000","Count":1}`;
    await using sse = await TextReader.open(target);
    expect((await sse.upTo("\n\n"))?.replace(/^retry:\d+\n/, "")).toBe(`id:0-test\ndata:${welcome}`);
    expect(await sse.upTo("\n\n")).toBe(`id:${head}\ndata:${message}`);
    await using lines = await TextReader.open(target, { accept: "application/x-ndjson" });
    expect(await lines.upTo("\n")).toContain('"Text":"welcome"');
    expect(await lines.upTo("\n")).toBe(message);
    await using texts = await TextReader.open(target, { accept: "text/plain" });
    expect([await texts.upTo("\n"), await texts.upTo("\n")]).toEqual(["", 'hi "there"']);
  });
});
