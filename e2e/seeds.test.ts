// The examples in the documents, the original's and this project's, run by curl against a real process.
import { beforeAll, describe, expect, test } from "bun:test";
import type { WireEvent, WireMessage, WireStream } from "../src/protocol/message.ts";
import { sharedServer } from "../test-support/shared-server.ts";
import { reportSkipped } from "../test-support/skipped.ts";

const curlProgram = Bun.which("curl");
if (curlProgram === null) reportSkipped("the examples in the documents", "curl");

const server = sharedServer();

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Starts curl, with the real port in place of `localhost:9090` in its arguments. */
function curlStart(args: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  // --globoff and -q: arguments are sent as written, whatever the user's .curlrc says.
  const real = args.map((arg) => arg.replace("localhost:9090", `localhost:${server().port}`));
  return Bun.spawn([curlProgram ?? "curl", "-q", "--globoff", ...real], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function curl(...args: string[]): Promise<Answer> {
  const mark = "\n--answer--";
  const child = curlStart(["-sS", "--max-time", "5", "-w", `${mark}%{http_code} %{content_type}`, ...args]);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`curl: ${code} ${err}`);
  const end = out.lastIndexOf(mark);
  const [status, ...type] = out.slice(end + mark.length).split(" ");
  return { status: Number(status), type: type.join(" "), body: out.slice(0, end) };
}

/** Returns the first `count` pieces that `curl -N` prints, each ended by `separator`, then stops it. */
async function curlLive(separator: string, count: number, ...args: string[]): Promise<string[]> {
  const child = curlStart(["-sS", "-N", ...args]);
  let printed = "";
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    printed += decoder.decode(bytes, { stream: true });
    if (printed.split(separator).length > count) break;
  }
  child.kill();
  await child.exited;
  return printed.split(separator).slice(0, count);
}

function expectMessage(message: WireMessage, stream: string, text: string): void {
  expect(Object.keys(message)).toEqual(["Id", "Text", "Type", "Created", "Stream", "Metadata"]);
  expect(message).toMatchObject({ Text: text, Type: "message", Stream: stream, Metadata: null });
  expect(message.Id).toBeString();
  expect(message.Id).not.toBe("");
  // Nanoseconds since 1970 as a string, about now, in whole microseconds.
  expect(message.Created).toMatch(/^[0-9]{16}000$/);
  expect(Math.abs(Number(message.Created) / 1e6 - Date.now())).toBeLessThan(60_000);
}

const messagesOf = ({ status, type, body }: Answer): WireMessage[] => {
  expect([status, type]).toEqual([200, "application/json"]);
  return JSON.parse(body) as WireMessage[];
};

describe.skipIf(curlProgram === null)("the original's API", () => {
  test("POST /streams", async () => {
    const { status, type, body } = await curl("-X", "POST", "http://localhost:9090/streams");
    expect([status, type]).toEqual([201, "application/json"]);
    const created = JSON.parse(body) as Record<string, unknown>;
    expect(Object.keys(created)).toEqual(["stream", "private", "ttl", "owner"]);
    expect(created).toMatchObject({ private: false, ttl: 1024 });
    expect(created.stream).toMatch(/^[A-Za-z0-9]{8}$/);
    expect(created.owner).toBeString();
  });

  test("POST /streams with stream=foo and private=true", async () => {
    const open = await curl("-X", "POST", "http://localhost:9090/streams?stream=seed.open");
    expect(JSON.parse(open.body)).toMatchObject({ stream: "seed.open", private: false, ttl: 1024 });
    const hidden = await curl(
      "-d",
      "stream=seed.hidden",
      "-d",
      "private=true",
      "http://localhost:9090/streams",
    );
    expect(JSON.parse(hidden.body)).toMatchObject({ stream: "seed.hidden", private: true, ttl: 1024 });
    const again = await curl("-X", "POST", "http://localhost:9090/streams?stream=seed.open");
    expect([again.status, again.type]).toEqual([409, "application/problem+json"]);
  });

  test("GET /streams", async () => {
    await curl("-X", "POST", "http://localhost:9090/streams?stream=seed.listed&ttl=60");
    await curl("-X", "POST", "http://localhost:9090/streams?stream=seed.unlisted&private=true");
    const { status, type, body } = await curl("http://localhost:9090/streams");
    expect([status, type]).toEqual([200, "application/json"]);
    const streams = JSON.parse(body) as Record<string, WireStream>;
    expect(streams["seed.unlisted"]).toBeUndefined();
    const listed = streams["seed.listed"];
    if (listed === undefined) throw new Error(body);
    expect(Object.keys(listed)).toEqual(["Id", "Messages", "Private", "Updated", "TTL", "Observers"]);
    expect(listed).toMatchObject({ Messages: null, Private: false, TTL: 60e9, Observers: 0 });
    expect(listed.Id).toBeString();
    expect(Math.abs(listed.Updated / 1e6 - Date.now())).toBeLessThan(60_000);
  });

  test("POST /messages?stream=foo&text=helloworld", async () => {
    const { status, type, body } = await curl(
      "-X",
      "POST",
      "http://localhost:9090/messages?stream=foo&text=helloworld",
    );
    expect([status, type]).toEqual([201, "application/json"]);
    expectMessage(JSON.parse(body) as WireMessage, "foo", "helloworld");
    const [last] = messagesOf(await curl("http://localhost:9090/messages?stream=foo&direction=-1&limit=1"));
    expect(last).toEqual(JSON.parse(body) as WireMessage);
  });

  test("GET /messages", async () => {
    await curl("-d", "text=to the default stream", "http://localhost:9090/messages");
    const messages = messagesOf(await curl("http://localhost:9090/messages"));
    expectMessage(messages.at(-1) as WireMessage, "_", "to the default stream");
  });

  test("GET /messages?direction=1&limit=25&last=1652035113591000000&stream=foo", async () => {
    for (let i = 0; i < 30; i++)
      await curl("-d", `text=${i}`, "http://localhost:9090/messages?stream=seed.page");
    const url =
      "http://localhost:9090/messages?direction=1&limit=25&last=1652035113591000000&stream=seed.page";
    const first = messagesOf(await curl(url));
    expect(first.map(({ Text }) => Text)).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
    for (const message of first) expectMessage(message, "seed.page", message.Text);
  });
});

describe.skipIf(curlProgram === null)("curl", () => {
  test("curl -d text=hello localhost:9090/messages?stream=foo", async () => {
    const { status, body } = await curl("-d", "text=hello", "localhost:9090/messages?stream=foo");
    expect(status).toBe(201);
    expectMessage(JSON.parse(body) as WireMessage, "foo", "hello");
  });

  test("every way of sending data with curl", async () => {
    const forms: string[][] = [
      ["--data-urlencode", "text=a+b & c 😀 é"],
      ["-F", "text=a+b & c 😀 é"],
      ["-H", "Content-Type: application/json", "-d", `{"text":"a+b & c 😀 é"}`],
      ["--json", `{"text":"a+b & c 😀 é"}`],
      ["-H", "Content-Type: text/plain", "--data-binary", "a+b & c 😀 é"],
      ["-G", "-X", "POST", "--data-urlencode", "text=a+b & c 😀 é"],
      ["-H", "Transfer-Encoding: chunked", "--data-urlencode", "text=a+b & c 😀 é"],
    ];
    for (const form of forms) {
      const { status, body } = await curl(...form, "http://localhost:9090/messages?stream=seed.forms");
      expect([form[0], status]).toEqual([form[0], 201]);
      expectMessage(JSON.parse(body) as WireMessage, "seed.forms", "a+b & c 😀 é");
    }
  });

  test("curl -N localhost:9090/events?stream=foo", async () => {
    // The presence event of the reader itself proves that it is subscribed before the message is posted.
    const child = curlStart(["-sS", "-N", "localhost:9090/events?stream=seed.live"]);
    const decoder = new TextDecoder();
    let printed = "";
    for await (const bytes of child.stdout) {
      const before = printed.includes(`"connect"`);
      printed += decoder.decode(bytes, { stream: true });
      if (!before && printed.includes(`"connect"`)) {
        await curl("-d", "text=hello", "localhost:9090/messages?stream=seed.live");
      }
      if (printed.includes("hello")) break;
    }
    child.kill();
    const blocks = printed.split("\n\n").filter((block) => block !== "");
    expect(blocks).toHaveLength(3);
    const [, begin, welcome = ""] = /^retry:[0-9]+\nid:(.*)\ndata:(.*)$/.exec(blocks[0] ?? "") ?? [];
    const { Server, Cursor } = JSON.parse(welcome) as WireEvent;
    expect(Cursor).toBe(begin ?? "");
    expect(Cursor).toEndWith(`-${Server}`);
    const [, event = ""] = /^data:(.*)$/.exec(blocks[1] ?? "") ?? [];
    expect(JSON.parse(event)).toMatchObject({
      Text: "connect",
      Type: "event",
      Stream: "seed.live",
      Metadata: null,
      Observers: 1,
    });
    const [, id, data = ""] = /^id:(.*)\ndata:(.*)$/.exec(blocks[2] ?? "") ?? [];
    const message = JSON.parse(data) as WireMessage;
    expectMessage(message, "seed.live", "hello");
    expect(id).toBe(`${message.Created}-${Server}`);
  });

  test("curl -N -H 'Accept: text/plain'", async () => {
    for (const text of ["one", "two\nlines", "😀"]) {
      await curl("--data-urlencode", `text=${text}`, "localhost:9090/messages?stream=seed.text");
    }
    const url = "localhost:9090/events?stream=seed.text&last=earliest";
    expect(await curlLive("\n", 5, "-H", "Accept: text/plain", url)).toEqual([
      "",
      "one",
      "two",
      "lines",
      "😀",
    ]);
  });

  test("curl -N -H 'Accept: application/x-ndjson' prints a line per message", async () => {
    for (const text of ["one", "two\nlines"]) {
      await curl("--data-urlencode", `text=${text}`, "localhost:9090/messages?stream=seed.lines");
    }
    const url = "localhost:9090/events?stream=seed.lines&last=earliest";
    const lines = await curlLive("\n", 3, "-H", "Accept: application/x-ndjson", url);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ Type: "event", Text: "welcome" });
    expectMessage(JSON.parse(lines[1] ?? "") as WireMessage, "seed.lines", "one");
    expectMessage(JSON.parse(lines[2] ?? "") as WireMessage, "seed.lines", "two\nlines");
  });

  test("the owner ends a stream", async () => {
    const { body } = await curl("-X", "POST", "localhost:9090/streams?stream=seed.ended");
    const { owner } = JSON.parse(body) as { owner: string };
    const url = "localhost:9090/streams?stream=seed.ended";
    expect((await curl("-X", "DELETE", url)).status).toBe(401);
    expect((await curl("-X", "DELETE", "-H", "Authorization: Bearer x", url)).status).toBe(403);
    const answer = await curl("-X", "DELETE", "-H", `Authorization: Bearer ${owner}`, url);
    expect([answer.status, answer.body]).toEqual([204, ""]);
    expect((await curl("-X", "DELETE", "-H", `Authorization: Bearer ${owner}`, url)).status).toBe(404);
  });

  test("an error has a status and a code", async () => {
    const { status, type, body } = await curl("-d", "text=", "localhost:9090/messages?stream=foo");
    expect([status, type]).toEqual([400, "application/problem+json"]);
    expect(Object.keys(JSON.parse(body) as object)).toEqual(["type", "title", "status", "detail", "code"]);
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: "text_missing" });
  });

  test("curl -I returns the headers of a live stream and ends", async () => {
    const { status, type } = await curl("-I", "localhost:9090/events?stream=foo");
    expect([status, type]).toEqual([200, "text/event-stream"]);
  });
});

describe("paging through 1024 messages over HTTP", () => {
  const all = Array.from({ length: 1024 }, (_, i) => String(i + 1));

  const page = async (query: string): Promise<WireMessage[]> => {
    const response = await fetch(`${server().url.href}messages?stream=seed.history&${query}`);
    return (await response.json()) as WireMessage[];
  };

  beforeAll(async () => {
    const { href } = server().url;
    // One more than are kept: the first is evicted.
    for (const text of ["evicted", ...all]) {
      const body = new URLSearchParams({ stream: "seed.history", text });
      await fetch(`${href}messages`, { method: "POST", body });
    }
  }, 10_000);

  for (const limit of [1024, 1000, 100, 25, 7]) {
    test(`forward by ${limit} returns each once, oldest first`, async () => {
      const seen: string[] = [];
      // Before all messages.
      let last = "1";
      for (;;) {
        const messages = await page(`last=${last}&limit=${limit}`);
        if (messages.length === 0) break;
        expect(messages.length).toBeLessThanOrEqual(limit);
        seen.push(...messages.map(({ Text }) => Text));
        last = messages.at(-1)?.Created ?? "";
      }
      expect(seen).toEqual(all);
    });

    test(`backward by ${limit} returns each once, newest first`, async () => {
      const seen: string[] = [];
      let last = "0";
      for (;;) {
        const messages = await page(`direction=-1&last=${last}&limit=${limit}`);
        if (messages.length === 0) break;
        expect(messages.length).toBeLessThanOrEqual(limit);
        seen.push(...messages.map(({ Text }) => Text));
        last = messages.at(-1)?.Created ?? "";
      }
      expect(seen).toEqual(all.toReversed());
    });
  }

  test("without last returns the newest", async () => {
    expect((await page("limit=3")).map(({ Text }) => Text)).toEqual(["1022", "1023", "1024"]);
    expect((await page("limit=3&direction=-1")).map(({ Text }) => Text)).toEqual(["1024", "1023", "1022"]);
    expect(await page("")).toHaveLength(25);
  });
});
