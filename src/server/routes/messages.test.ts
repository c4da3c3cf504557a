import { describe, expect, test } from "bun:test";
import { problemOf, TestApp, turn } from "../../../test-support/server.ts";
import type { WireMessage } from "../../protocol/message.ts";

/** An app with messages `1`, `2`, … in stream foo. */
async function withMessages(count: number): Promise<{ app: TestApp; created: string[] }> {
  const app = new TestApp();
  const created: string[] = [];
  for (let i = 1; i <= count; i++) {
    app.clock.advance(1);
    created.push((await app.post("foo", String(i))).Created);
  }
  return { app, created };
}

const numbers = (from: number, to: number): string[] => {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String(from + i * step));
};

/** Returns `created` plus a number of nanoseconds, less than a microsecond. */
const shifted = (created: string | undefined, by: bigint): string => String(BigInt(created ?? "") + by);

describe("a message", () => {
  test("is returned as stored, in the JSON of the original server", async () => {
    const app = new TestApp();
    const response = await app.request("/messages?stream=foo&text=helloworld", { method: "POST" });
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/json");
    const text = await response.text();
    const message = JSON.parse(text) as WireMessage;
    expect(Object.keys(message)).toEqual(["Id", "Text", "Type", "Created", "Stream", "Metadata"]);
    expect(message).toMatchObject({ Text: "helloworld", Type: "message", Stream: "foo", Metadata: null });
    expect(message.Id).not.toBe("");
    expect(message.Created).toMatch(/^[1-9][0-9]{15}000$/);
    const read = await app.request("/messages?stream=foo");
    expect(read.headers.get("content-type")).toBe("application/json");
    expect(await read.text()).toBe(`[${text}]`);
  });

  test("goes to the stream _ by default", async () => {
    const app = new TestApp();
    const message = await (await app.request("/messages?text=a", { method: "POST" })).json();
    expect(message).toMatchObject({ Stream: "_" });
    expect(await app.texts("")).toEqual(["a"]);
    expect(await app.texts("stream=_")).toEqual(["a"]);
  });

  test("is always later than the previous one", async () => {
    const { created } = await withMessages(100);
    expect(created.toSorted()).toEqual(created);
    expect(new Set(created).size).toBe(100);
    const app = new TestApp();
    const still = [await app.post("foo", "a"), await app.post("bar", "b"), await app.post("foo", "c")];
    expect(new Set(still.map(({ Created }) => Created)).size).toBe(3);
    expect(new Set(still.map(({ Id }) => Id)).size).toBe(3);
  });

  test("published again with its ref gets the same answer and is stored once", async () => {
    const app = new TestApp();
    const post = () =>
      app.request("/messages", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ stream: "foo", text: 'say "hello"', ref: "0123456789abcdef", server: "test" }),
      });
    const first = await post();
    app.clock.advance(1000);
    const again = await post();
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.text()).toBe(await first.text());
    expect(await app.texts("stream=foo")).toEqual(['say "hello"']);
  });

  test("is rejected if its ref is invalid, was used for another text or belongs to another server", async () => {
    const app = new TestApp();
    const post = (parameters: Record<string, string>) =>
      app.request("/messages", {
        method: "POST",
        body: new URLSearchParams({ stream: "foo", ...parameters }),
      });
    const ref = "0123456789abcdef";
    await post({ text: "first", ref });
    const rejected: [Record<string, string>, number, string][] = [
      [{ text: "short", ref: "0123456789abcde" }, 400, "bad_parameter"],
      [{ text: "long", ref: "x".repeat(65) }, 400, "bad_parameter"],
      [{ text: "other", ref }, 409, "ref_reused"],
      [{ text: "first", ref, server: "before" }, 409, "server_changed"],
      [{ text: "without a ref", server: "" }, 409, "server_changed"],
    ];
    for (const [parameters, status, code] of rejected) {
      expect(await problemOf(await post(parameters))).toMatchObject({ status, code });
    }
    expect(await app.texts("stream=foo")).toEqual(["first"]);
  });

  test("rejected for lack of memory is not stored", async () => {
    const app = new TestApp({ maxMemory: 6000 });
    await app.post("foo", "a");
    let response = await app.request("/messages?stream=bar&text=b", { method: "POST" });
    for (let i = 0; response.status === 201 && i < 100; i++) {
      response = await app.request(`/messages?stream=s${i}&text=b`, { method: "POST" });
    }
    expect(await problemOf(response)).toMatchObject({ status: 503, code: "memory_full" });
    expect(await app.texts("stream=foo")).toEqual(["a"]);
  });
});

describe("a page", () => {
  test("of an unknown stream is empty and does not create it", async () => {
    const app = new TestApp();
    const response = await app.request("/messages?stream=unknown");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("[]");
    expect(await (await app.request("/streams")).text()).toBe("{}");
  });

  test("follows the table of direction and last", async () => {
    const { app, created } = await withMessages(40);
    const at = (n: number): string => created[n - 1] ?? "";
    const table: Record<string, string[]> = {
      "": numbers(16, 40),
      "last=0": numbers(16, 40),
      "last=000": numbers(16, 40),
      "direction=1": numbers(16, 40),
      "limit=3": numbers(38, 40),
      "direction=-1": numbers(40, 16),
      "direction=-1&last=0": numbers(40, 16),
      "direction=-1&limit=3": numbers(40, 38),
      [`last=${at(10)}`]: numbers(11, 35),
      [`last=${at(10)}&direction=1&limit=2`]: numbers(11, 12),
      [`last=${at(10)}&direction=-1`]: numbers(9, 1),
      [`last=${at(10)}&direction=-1&limit=2`]: numbers(9, 8),
      [`last=${at(40)}`]: [],
      [`last=${at(1)}&direction=-1`]: [],
      [`last=${shifted(at(10), 1n)}&limit=1`]: ["11"],
      [`last=${shifted(at(10), 999n)}&limit=1`]: ["11"],
      [`last=${shifted(at(10), -1n)}&limit=1`]: ["10"],
      [`last=${shifted(at(10), 1n)}&direction=-1&limit=1`]: ["10"],
      [`last=${shifted(at(10), -1n)}&direction=-1&limit=1`]: ["9"],
      "last=1&limit=2": numbers(1, 2),
      "last=1652035113591000000&limit=2": numbers(1, 2),
      "last=1&direction=-1": [],
      "last=99999999999999999999": [],
      "last=99999999999999999999&direction=-1&limit=1": ["40"],
      "limit=1024": numbers(1, 40),
    };
    for (const [query, texts] of Object.entries(table)) {
      expect([query, ...(await app.texts(`stream=foo&${query}`))]).toEqual([query, ...texts]);
    }
  });

  test("with an id returns that message", async () => {
    const app = new TestApp();
    const { Id } = await app.post("foo", "a");
    await app.post("foo", "b");
    expect(await app.texts(`stream=foo&id=${Id}`)).toEqual(["a"]);
    for (const id of ["", "x", `${Id}x`, `0${Id}`, "NaN-test", "1e3-test", "%00"]) {
      expect(await app.texts(`stream=foo&id=${id}`)).toEqual([]);
    }
    // The id of a message in another stream.
    await app.post("bar", "c");
    expect(await app.texts(`stream=bar&id=${Id}`)).toEqual([]);
  });

  test("is compressed if the client accepts it and it is long", async () => {
    const { app } = await withMessages(12);
    const read = (query: string, accepted: string) =>
      app.request(`/messages?stream=foo&${query}`, { headers: { "accept-encoding": accepted } });
    const plain = await read("limit=12", "identity, gzip;q=0");
    expect(plain.headers.get("content-encoding")).toBeNull();
    const text = await plain.text();
    for (const accepted of ["gzip", "gzip, deflate, br, zstd"]) {
      const packed = await read("limit=12", accepted);
      expect(packed.headers.get("content-encoding")).toBe("gzip");
      expect(packed.headers.get("malten-server")).toBe(plain.headers.get("malten-server"));
      const bytes = await packed.arrayBuffer();
      expect(bytes.byteLength).toBeLessThan(text.length / 3);
      expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(text);
    }
    expect((await read("limit=1", "gzip")).headers.get("content-encoding")).toBeNull();
  });

  const rejected = [
    "last=-1",
    "last=x",
    "last=",
    "last=1.5",
    "last=1e18",
    "last=0x10",
    "last=%201",
    "last=1%0A",
    "last=999999999999999999999",
    "last=earliest",
    "last=%D9%A1",
    "direction=0",
    "direction=2",
    "direction=",
    "direction=%2B1",
    "direction=down",
    "limit=0",
    "limit=1025",
    "limit=-1",
    "limit=",
    "limit=1.5",
    "limit=ten",
    "wait=-1",
    "wait=61",
    "wait=x",
    "wait=",
    "wait=0.5",
  ];
  for (const query of rejected) {
    test(`with ${query} is rejected`, async () => {
      const problem = await problemOf(await new TestApp().request(`/messages?stream=foo&${query}`));
      expect(problem).toMatchObject({ status: 400, code: "bad_parameter" });
      expect(problem.detail).toStartWith(query.slice(0, query.indexOf("=")));
    });
  }

  test("contains up to 1024 messages; the 1025th evicts the first", async () => {
    const { app } = await withMessages(1024);
    expect(await app.texts("stream=foo&limit=1024")).toEqual(numbers(1, 1024));
    await app.post("foo", "1025");
    expect(await app.texts("stream=foo&limit=1024")).toEqual(numbers(2, 1025));
  });
});

describe("a long poll", () => {
  test("returns immediately if there is a message", async () => {
    const { app } = await withMessages(2);
    expect(await app.texts("stream=foo&wait=60")).toEqual(["1", "2"]);
    expect(app.keptOpen).toEqual([]);
    expect(app.hub.observers("foo")).toBe(0);
  });

  test("returns as soon as a message arrives, and unsubscribes", async () => {
    const { app, created } = await withMessages(2);
    const waiting = app.texts(`stream=foo&wait=60&last=${created[1]}`);
    await app.texts("stream=foo");
    expect(app.keptOpen).toHaveLength(1);
    expect(app.hub.observers("foo")).toBe(1);
    await app.post("foo", "3");
    expect(await waiting).toEqual(["3"]);
    expect(app.hub.observers("foo")).toBe(0);
  });

  test("can wait for a stream that does not exist yet", async () => {
    const app = new TestApp();
    const waiting = app.texts("stream=new&wait=60");
    await app.post("other", "not this");
    await app.post("new", "first");
    expect(await waiting).toEqual(["first"]);
  });

  test("ignores events and other streams", async () => {
    const app = new TestApp();
    const waiting = app.texts("stream=foo&wait=60");
    await app.post("bar", "not this");
    // The presence event of the poll itself is sent in another turn.
    await turn();
    await turn();
    expect(app.hub.observers("foo")).toBe(1);
    await app.post("foo", "this");
    expect(await waiting).toEqual(["this"]);
  });

  test("ignores messages that do not match the query", async () => {
    const app = new TestApp();
    const { Created } = await app.post("foo", "1");
    const waiting = app.texts(`stream=foo&wait=60&last=${shifted(Created, 1_000_000n)}`);
    await app.post("foo", "before the cursor");
    await turn();
    app.clock.advance(2);
    await app.post("foo", "2");
    expect(await waiting).toEqual(["2"]);
  });

  for (const query of [
    `last=${"9".repeat(20)}`,
    "direction=-1&last=1",
    "id=none",
    `last=${"9".repeat(20)}&limit=1024`,
  ]) {
    test(`that no new message can answer reads nothing when one arrives: ${query.slice(0, 22)}`, async () => {
      let reads = 0;
      const app = new TestApp({
        wrap: (broker) =>
          new Proxy(broker, {
            get(target, name): unknown {
              if (name === "page" || name === "replay") reads++;
              const value: unknown = Reflect.get(target, name);
              return typeof value === "function" ? value.bind(target) : value;
            },
          }),
      });
      await app.post("foo", "1");
      const gone = new AbortController();
      const url = `http://localhost/messages?stream=foo&wait=60&${query}`;
      const waiting = app.handle(new Request(url, { signal: gone.signal }));
      await turn();
      await turn();
      reads = 0;
      for (let i = 0; i < 10; i++) {
        await app.post("foo", "2");
        await turn();
      }
      expect(reads).toBe(0);
      gone.abort();
      await waiting;
    });
  }

  test("for an earlier page is answered by a message that belongs to it", async () => {
    const app = new TestApp();
    const waiting = app.texts(`stream=foo&wait=60&direction=-1&last=${"9".repeat(19)}`);
    await turn();
    await app.post("foo", "1");
    expect(await waiting).toEqual(["1"]);
  });

  test("returns an empty page when the wait times out", async () => {
    expect(await new TestApp().texts("stream=foo&wait=1")).toEqual([]);
  });

  test("ends when the client disconnects", async () => {
    const app = new TestApp();
    const gone = new AbortController();
    const request = new Request("http://localhost/messages?stream=foo&wait=60", { signal: gone.signal });
    const waiting = app.handle(request);
    await app.texts("stream=foo");
    expect(app.hub.observers("foo")).toBe(1);
    gone.abort();
    await waiting;
    expect(app.hub.observers("foo")).toBe(0);
  });
});

test("resuming on a quiet stream reports no gap when other streams expire", async () => {
  const app = new TestApp({ ttl: 10 });
  const first = await app.request("/messages?stream=quiet&last=1795363701902393000");
  const cursor = first.headers.get("malten-cursor") ?? "";
  for (let i = 0; i < 100; i++) await app.post(`s${i}`, "x");
  app.clock.advance(11_000);
  app.hub.onTimer();
  const second = await app.request(`/messages?stream=quiet&last=${cursor}`);
  expect(second.headers.get("malten-gap")).toBeNull();
  await app.post("quiet", "hello");
  const third = await app.request(`/messages?stream=quiet&last=${second.headers.get("malten-cursor")}`);
  expect(third.headers.get("malten-gap")).toBeNull();
  expect(await third.json()).toMatchObject([{ Text: "hello" }]);
});

describe("a client that pages forward", () => {
  /** What the headers say. */
  async function positionOf(
    app: TestApp,
    query: string,
  ): Promise<{ cursor: string | null; gap: string | null }> {
    const { headers } = await app.request(`/messages?${query}`);
    return { cursor: headers.get("malten-cursor"), gap: headers.get("malten-gap") };
  }

  test("gets a cursor with an empty page, and misses nothing after it", async () => {
    const app = new TestApp();
    const { cursor } = await positionOf(app, "stream=foo&limit=1");
    const { Created } = await app.post("foo", "1");
    expect(await app.texts(`stream=foo&last=${cursor}`)).toEqual(["1"]);
    expect(await positionOf(app, `stream=foo&last=${cursor}`)).toEqual({ cursor: null, gap: null });
    const end = await positionOf(app, `stream=foo&last=${Created}`);
    expect(end.gap).toBeNull();
    await app.post("foo", "2");
    expect(await app.texts(`stream=foo&last=${end.cursor}`)).toEqual(["2"]);
  });

  test("gets a gap if messages before the page were evicted", async () => {
    const app = new TestApp();
    const messages: WireMessage[] = [];
    for (let i = 0; i < 1030; i++) messages.push(await app.post("foo", String(i)));
    const { gap } = await positionOf(app, `stream=foo&last=${messages[1]?.Created}`);
    expect(gap).toBe(`${messages[1]?.Created}-${messages[6]?.Created}`);
    expect((await positionOf(app, `stream=foo&last=${messages[5]?.Created}`)).gap).toBeNull();
    expect((await positionOf(app, "stream=foo&last=1")).gap).toBeNull();
  });

  test("gets a gap immediately if the stream expired in between, despite wait", async () => {
    const app = new TestApp();
    const { Created } = await app.post("foo", "1");
    await app.post("foo", "2");
    app.clock.advance(1_024_000);
    app.hub.onTimer();
    const { cursor, gap } = await positionOf(app, `stream=foo&wait=60&last=${Created}`);
    expect(gap).toStartWith(`${Created}-`);
    expect((await positionOf(app, `stream=foo&last=${cursor}`)).gap).toBeNull();
  });

  test("gets a gap and a cursor for bare digits later than everything here", async () => {
    const app = new TestApp();
    await app.post("foo", "1");
    const { cursor, gap } = await positionOf(app, `stream=foo&last=${"9".repeat(20)}`);
    expect(gap).toStartWith("0-");
    expect(await app.texts(`stream=foo&last=${cursor}`)).toEqual(["1"]);
  });

  test("with a cursor of another server immediately gets a gap from 0 and everything kept", async () => {
    const app = new TestApp();
    const first = await app.post("foo", "1");
    await app.post("foo", "2");
    for (const there of ["1-there", `${"9".repeat(19)}-there`, `${first.Created}-there`]) {
      const { gap } = await positionOf(app, `stream=foo&wait=60&last=${there}`);
      expect(gap).toBe(`0-${first.Created}`);
      expect(await app.texts(`stream=foo&last=${there}`)).toEqual(["1", "2"]);
      expect(await app.texts(`stream=foo&direction=-1&last=${there}`)).toEqual(["2", "1"]);
      const none = await positionOf(app, `stream=bar&wait=60&last=${there}`);
      expect(none.gap).toStartWith("0-");
      expect(none.cursor).toEndWith("-test");
    }
  });

  test("gets neither for a page backward or a single message", async () => {
    const app = new TestApp();
    const { Id } = await app.post("foo", "1");
    expect(await positionOf(app, "stream=foo&direction=-1&last=5000")).toEqual({ cursor: null, gap: null });
    expect(await positionOf(app, `stream=foo&id=${Id}`)).toEqual({ cursor: null, gap: null });
    expect(await positionOf(app, "stream=foo&id=none")).toEqual({ cursor: null, gap: null });
  });
});

test("pages larger than the default share the time of a turn", async () => {
  for (const { limit, readAtOnce } of [
    { limit: 25, readAtOnce: 4 },
    { limit: 26, readAtOnce: 1 },
  ]) {
    const app = new TestApp();
    const page = app.hub.page.bind(app.hub);
    let read = 0;
    app.hub.page = (...query) => {
      read++;
      app.clock.advance(10);
      return page(...query);
    };
    const answers = Array.from({ length: 4 }, () =>
      app.request(`/messages?limit=${limit}`, { method: "HEAD" }),
    );
    expect(read).toBe(readAtOnce);
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    expect(read).toBe(4);
  }
});
