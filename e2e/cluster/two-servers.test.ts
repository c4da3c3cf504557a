// Two servers that share their streams through one engine, in processes of their own.
import { afterAll, describe, expect, test } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import { SocketClient, type Frame } from "../../test-support/clients.ts";
import { EngineProcess, freePort, hasEngine } from "../../test-support/engine.ts";
import { expectNoProcessLeft, ServerProcess } from "../../test-support/process.ts";

afterAll(expectNoProcessLeft);

function start(url: string): Promise<ServerProcess> {
  return ServerProcess.start({ env: { MALTEN_VALKEY_URL: url } });
}

function post({ url }: ServerProcess, parameters: Record<string, string>): Promise<Response> {
  return fetch(new URL("/messages", url), { method: "POST", body: new URLSearchParams(parameters) });
}

/** Listens, from now on unless the query says otherwise. */
async function listen({ url }: ServerProcess, query: string): Promise<SocketClient> {
  const client = await SocketClient.open(url.origin, query);
  await client.next((frame) => frame.Type === "event" && frame.Text === "welcome");
  return client;
}

async function read({ url }: ServerProcess, query: string): Promise<WireMessage[]> {
  const response = await fetch(new URL(`/messages?${query}`, url));
  expect(response.status).toBe(200);
  return (await response.json()) as WireMessage[];
}

async function texts(server: ServerProcess, query: string): Promise<string[]> {
  return (await read(server, query)).map(({ Text }) => Text);
}

async function ready({ url }: ServerProcess): Promise<number> {
  return (await fetch(new URL("/ready", url))).status;
}

/** The server's name in cursors. */
async function nameOf({ url }: ServerProcess): Promise<string> {
  const limits = (await (await fetch(new URL("/limits", url))).json()) as { server: string };
  return limits.server;
}

/** Resolves when the server can reach its engine, or no longer can. */
async function untilReady(server: ServerProcess, status: 200 | 503): Promise<void> {
  while ((await ready(server)) !== status) await Bun.sleep(20);
}

describe.if(hasEngine("two servers on one engine"))("two servers on one engine", () => {
  test("have the same messages in the same order, live and in history", async () => {
    await using engine = await EngineProcess.start();
    await using one = await start(engine.url);
    await using other = await start(engine.url);
    await Promise.all([untilReady(one, 200), untilReady(other, 200)]);
    await using here = await listen(one, "foo");
    await using there = await listen(other, "foo");
    const sent: Promise<Response>[] = [];
    for (let i = 0; i < 200; i++) {
      sent.push(post(i % 2 === 0 ? one : other, { stream: "foo", text: `${i}`, name: "Ada" }));
      if (i % 20 === 19) await Promise.all(sent.splice(0));
    }
    const live = await here.texts(200);
    expect(await there.texts(200)).toEqual(live);
    expect(live.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 200 }, (_, i) => `${i}`),
    );
    const stored = await read(one, "stream=foo&limit=1024");
    expect(stored.map(({ Text }) => Text)).toEqual(live);
    expect(await read(other, "stream=foo&limit=1024")).toEqual(stored);
    expect(new Set(stored.map(({ Id }) => Id)).size).toBe(200);
  });

  test("take each other's cursors and refs, and delete each other's streams", async () => {
    await using engine = await EngineProcess.start();
    await using one = await start(engine.url);
    await using other = await start(engine.url);
    await Promise.all([untilReady(one, 200), untilReady(other, 200)]);
    const created = await fetch(new URL("/streams?stream=foo&ttl=60", one.url), { method: "POST" });
    const { owner } = (await created.json()) as { owner: string };
    const ref = "0123456789abcdef";
    const first = await (await post(one, { stream: "foo", text: "1", ref })).json();
    expect(await (await post(other, { stream: "foo", text: "1", ref })).json()).toEqual(first);
    await post(other, { stream: "foo", text: "2" });
    const name = await nameOf(one);
    const { Created, Id } = first as WireMessage;
    const last = `${Created}-${name}`;
    const page = await fetch(new URL(`/messages?stream=foo&last=${last}`, other.url));
    expect(page.headers.get("malten-gap")).toBeNull();
    expect(page.headers.get("malten-server")).toBe(name);
    expect(((await page.json()) as WireMessage[]).map(({ Text }) => Text)).toEqual(["2"]);
    expect(await texts(other, `stream=foo&id=${Id}`)).toEqual(["1"]);
    const listed = await (await fetch(new URL("/streams", other.url))).json();
    expect(listed).toMatchObject({ foo: { TTL: 60e9 } });
    await using listener = await listen(one, "foo");
    const headers = { authorization: `Bearer ${owner}` };
    const ended = await fetch(new URL("/streams?stream=foo", other.url), { method: "DELETE", headers });
    expect(ended.status).toBe(204);
    expect(await listener.next()).toMatchObject({ Text: "ended", Reason: "owner" });
    expect(await texts(one, "stream=foo")).toEqual([]);
  });

  test("of which one is killed: its listeners resume at the other and miss nothing", async () => {
    await using engine = await EngineProcess.start();
    await using one = await start(engine.url);
    await using other = await start(engine.url);
    await Promise.all([untilReady(one, 200), untilReady(other, 200)]);
    await using listener = await listen(one, "foo");
    const acknowledged: string[] = [];
    const publish = async (server: ServerProcess, text: string) => {
      const { status } = await post(server, { stream: "foo", text });
      if (status === 201) acknowledged.push(text);
    };
    for (let i = 0; i < 50; i++) await publish(other, `${i}`);
    const seen = await listener.texts(50);
    const [newest] = await read(other, "stream=foo&limit=1");
    const last = `${newest?.Created}-${await nameOf(other)}`;
    one.signal("SIGKILL");
    for (let i = 50; i < 100; i++) await publish(other, `${i}`);
    await using again = await listen(other, `foo&last=${last}`);
    expect([...seen, ...(await again.texts(50))]).toEqual(acknowledged);
    expect(await texts(other, "stream=foo&limit=1024")).toEqual(acknowledged);
  });

  test("answer 503 with Retry-After while the engine is out of reach, and go on without a restart", async () => {
    const port = freePort();
    const password = "never-logged";
    const url = `valkey://:${password}@127.0.0.1:${port}`;
    await using server = await start(url);
    expect(await ready(server)).toBe(503);
    const requests = [
      () => post(server, { stream: "foo", text: "x" }),
      () => fetch(new URL("/messages?stream=foo", server.url)),
      () => fetch(new URL("/events?stream=foo", server.url)),
      () => fetch(new URL("/streams", server.url)),
      () => fetch(new URL("/streams", server.url), { method: "POST" }),
    ];
    for (const request of requests) {
      const response = await request();
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("2");
      expect(await response.json()).toMatchObject({ code: "unavailable" });
    }
    const settings = `requirepass ${password}`;
    const engine = await EngineProcess.start({ port, settings });
    await untilReady(server, 200);
    await using listener = await listen(server, "foo");
    expect((await post(server, { stream: "foo", text: "1" })).status).toBe(201);
    await engine[Symbol.asyncDispose]();
    await untilReady(server, 503);
    await using _again = await EngineProcess.start({ port, settings });
    await untilReady(server, 200);
    expect((await post(server, { stream: "foo", text: "2" })).status).toBe(201);
    // Whether its stream was gone or there again when it was looked for, is a matter of time.
    const isMessage = (frame: Frame) => frame.Type === "message";
    expect(await listener.next(isMessage)).toMatchObject({ Text: "1" });
    expect(await listener.next(isMessage)).toMatchObject({ Text: "2" });
    expect(await server.stop()).toBe(0);
    const log = await server.errors;
    expect(log).toContain(`cannot use the engine at 127.0.0.1:${port}: connection refused`);
    expect(log).not.toContain(password);
  });
});
