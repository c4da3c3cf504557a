import { describe, expect, test } from "bun:test";
import { problemOf, TestApp } from "../../../test-support/server.ts";

interface Created {
  readonly stream: string;
  readonly private: boolean;
  readonly ttl: number;
  readonly owner: string;
}

interface Listed {
  readonly Id: string;
  readonly Updated: number;
}

async function create(app: TestApp, query = ""): Promise<Created> {
  const response = await app.request(`/streams?${query}`, { method: "POST" });
  expect(response.status).toBe(201);
  return (await response.json()) as Created;
}

async function list(app: TestApp, query = ""): Promise<Record<string, Listed>> {
  return (await (await app.request(`/streams?${query}`)).json()) as Record<string, Listed>;
}

function end(app: TestApp, stream: string, authorization?: string): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return app.request(`/streams?stream=${stream}`, { method: "DELETE", headers });
}

describe("creating a stream", () => {
  test("returns its options and the owner token", async () => {
    const stream = await create(new TestApp(), "stream=foo");
    expect(Object.keys(stream)).toEqual(["stream", "private", "ttl", "owner"]);
    expect(stream).toMatchObject({ stream: "foo", private: false, ttl: 1024 });
    expect(stream.owner).toMatch(/^[a-z2-9]{26}$/);
  });

  test("without a name generates one: short, or unguessable if private", async () => {
    const app = new TestApp();
    const names = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const { stream } = await create(app);
      expect(stream).toMatch(/^[a-z2-9]{8}$/);
      names.add(stream);
    }
    expect(names.size).toBe(100);
    // 130 bits at 5 bits per character, after the dot that keeps it unlisted for ever.
    expect((await create(app, "private=true")).stream).toMatch(/^\.[a-z2-9]{26}$/);
  });

  for (const [value, expected] of [
    ["true", true],
    ["1", true],
    ["false", false],
    ["0", false],
  ] as const) {
    test(`private=${value}`, async () => {
      expect((await create(new TestApp(), `private=${value}`)).private).toBe(expected);
    });
  }

  for (const ttl of [1, 1024, 604_800]) {
    test(`ttl=${ttl}`, async () => {
      expect((await create(new TestApp(), `ttl=${ttl}`)).ttl).toBe(ttl);
    });
  }

  test("uses the server's time-to-live by default", async () => {
    expect((await create(new TestApp({ ttl: 77 }))).ttl).toBe(77);
  });

  for (const query of ["private=yes", "private=", "private=TRUE", "private=2"]) {
    test(`rejects ${query}`, async () => {
      const response = await new TestApp().request(`/streams?${query}`, { method: "POST" });
      expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_parameter" });
    });
  }

  for (const ttl of ["0", "-1", "604801", "1.5", "1e3", "", "x", "0x10", "%201", "9999999999999"]) {
    test(`rejects ttl=${ttl}`, async () => {
      const app = new TestApp();
      const response = await app.request(`/streams?stream=foo&ttl=${ttl}`, { method: "POST" });
      expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_parameter" });
      expect(await list(app)).toEqual({});
    });
  }

  for (const name of ["", "a b", "a/b", "é", "a%0Ab", "a%00", "a".repeat(65), "a%2Fb", "<b>", "%22"]) {
    test(`rejects the name ${name}`, async () => {
      const app = new TestApp();
      const response = await app.request(`/streams?stream=${name}`, { method: "POST" });
      expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_name" });
      expect(await list(app)).toEqual({});
    });
  }

  for (const name of ["a".repeat(64), "a.", "a~", "_", "-", "A.b_c~d-9", "__proto__", "constructor"]) {
    test(`accepts the name ${name}`, async () => {
      const app = new TestApp();
      expect((await create(app, `stream=${name}`)).stream).toBe(name);
      const text = await (await app.request("/streams")).text();
      expect(text).toStartWith(`{"${name}":{"Id":`);
    });
  }

  for (const name of [".", "..", ".a"]) {
    test(`does not list the name ${name}`, async () => {
      const app = new TestApp();
      expect(await create(app, `stream=${name}`)).toMatchObject({ stream: name, private: true });
      expect(await list(app)).toEqual({});
    });
  }

  test("with the name of an existing stream is rejected, whether created explicitly or by a message", async () => {
    const app = new TestApp();
    await create(app, "stream=created");
    await app.post("implicit", "hello");
    await create(app, "stream=hidden&private=1");
    for (const name of ["created", "implicit", "hidden"]) {
      const response = await app.request(`/streams?stream=${name}`, { method: "POST" });
      expect(await problemOf(response)).toMatchObject({ status: 409, code: "stream_exists" });
    }
  });
});

describe("listing streams", () => {
  test("returns the JSON of the original server", async () => {
    const app = new TestApp();
    await create(app, "stream=foo&ttl=60");
    app.clock.advance(1500);
    const { Created } = await app.post("foo", "hello");
    const response = await app.request("/streams");
    expect(response.headers.get("content-type")).toBe("application/json");
    const { foo } = (await response.json()) as { foo: Listed };
    expect(Object.keys(foo)).toEqual(["Id", "Messages", "Private", "Updated", "TTL", "Observers"]);
    expect(foo).toMatchObject({ Messages: null, Private: false, TTL: 60_000_000_000, Observers: 0 });
    expect(typeof foo.Id).toBe("string");
    expect(foo.Updated).toBe(Number(Created));
  });

  test("returns an empty object if there are none", async () => {
    expect(await (await new TestApp().request("/streams")).text()).toBe("{}");
  });

  test("returns the stream with the newest message first", async () => {
    const app = new TestApp();
    for (const name of ["a", "b", "c", "10", "2"]) await app.post(name, "hello");
    await app.post("a", "again");
    const text = await (await app.request("/streams")).text();
    // Read from the text, because a JS object puts numeric names first.
    expect([...text.matchAll(/"([^"]+)":\{/g)].map(([, name]) => name)).toEqual(["a", "2", "10", "c", "b"]);
  });

  test("never returns private ones, even for their full name", async () => {
    const app = new TestApp();
    const { stream } = await create(app, "private=true");
    await app.post(stream, "hello");
    expect(await list(app)).toEqual({});
    expect(await list(app, `q=${stream}`)).toEqual({});
  });

  for (const query of ["private=true", "stream=chosen&private=true"]) {
    test(`never returns a private one that expired and was written to again (${query})`, async () => {
      const app = new TestApp();
      const { stream } = await create(app, `${query}&ttl=10`);
      await app.post(stream, "hello");
      app.clock.advance(10_000);
      app.hub.onTimer();
      await app.post(stream, "hello?");
      expect(await app.texts(`stream=${stream}`)).toEqual(["hello?"]);
      expect(await list(app)).toEqual({});
    });
  }

  test("respects limit and q", async () => {
    const app = new TestApp();
    for (const name of ["ab", "abc", "b", "Ab", "abd"]) await create(app, `stream=${name}`);
    expect(Object.keys(await list(app, "limit=2"))).toEqual(["abd", "Ab"]);
    expect(Object.keys(await list(app, "q=ab"))).toEqual(["abd", "abc", "ab"]);
    expect(Object.keys(await list(app, "q=ab&limit=1"))).toEqual(["abd"]);
    expect(Object.keys(await list(app, "q="))).toHaveLength(5);
    expect(await list(app, "q=x")).toEqual({});
  });

  for (const query of ["limit=0", "limit=1001", "limit=-1", "limit=", "limit=x", "q=a%20b", "q=*"]) {
    test(`rejects ${query}`, async () => {
      const response = await new TestApp().request(`/streams?${query}`);
      expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_parameter" });
    });
  }
});

describe("ending a stream", () => {
  test("requires the owner token", async () => {
    const app = new TestApp();
    const { owner } = await create(app, "stream=foo");
    await app.post("foo", "hello");
    const response = await end(app, "foo", `Bearer ${owner}`);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(await list(app)).toEqual({});
    expect(await app.texts("stream=foo")).toEqual([]);
    expect(await problemOf(await end(app, "foo", `Bearer ${owner}`))).toMatchObject({ code: "not_found" });
  });

  test("without a token is rejected", async () => {
    const app = new TestApp();
    await create(app, "stream=foo");
    for (const authorization of [undefined, "", "Bearer", "Bearer ", "Basic Zm9vOmJhcg==", "Bearer a b"]) {
      const response = await end(app, "foo", authorization);
      expect(await problemOf(response)).toMatchObject({ status: 401, code: "token_missing" });
    }
    expect(Object.keys(await list(app))).toEqual(["foo"]);
  });

  test("with a wrong token is rejected", async () => {
    const app = new TestApp();
    const { owner } = await create(app, "stream=foo");
    await app.post("implicit", "hello");
    for (const token of ["x", owner.slice(1), `${owner}a`, owner.toUpperCase()]) {
      const response = await end(app, "foo", `Bearer ${token}`);
      expect(await problemOf(response)).toMatchObject({ status: 403, code: "token_wrong" });
    }
    // A stream created by a message has no owner.
    for (const token of ["undefined", "null", owner]) {
      const response = await end(app, "implicit", `Bearer ${token}`);
      expect(await problemOf(response)).toMatchObject({ status: 403, code: "token_wrong" });
    }
    expect(Object.keys(await list(app))).toEqual(["implicit", "foo"]);
  });

  test("a private one with a wrong token is not found", async () => {
    const app = new TestApp();
    const { stream, owner } = await create(app, "private=true");
    const hidden = await (await end(app, stream, "Bearer x")).text();
    const absent = await (await end(app, "absent", "Bearer x")).text();
    expect(hidden).toBe(absent);
    expect((await end(app, stream, `Bearer ${owner}`)).status).toBe(204);
  });
});

test("a stream expires without messages, and reading does not keep it", async () => {
  const app = new TestApp();
  await create(app, "stream=foo&ttl=10");
  app.clock.advance(9000);
  await app.post("foo", "hello");
  app.clock.advance(9999);
  expect(await app.texts("stream=foo")).toEqual(["hello"]);
  expect(Object.keys(await list(app))).toEqual(["foo"]);
  app.clock.advance(1);
  app.hub.onTimer();
  expect(await app.texts("stream=foo")).toEqual([]);
  expect(await list(app)).toEqual({});
});
