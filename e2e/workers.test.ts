// Several processes that serve clients as one server.
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { WireMessage } from "../src/protocol/message.ts";
import { EventReader, SocketClient } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess, StartError } from "../test-support/process.ts";
import { Workload } from "./cluster/workload.ts";

/** Time limit of a test, in milliseconds: starting three processes takes long on a busy machine. */
const TIMEOUT = 60_000;

afterAll(expectNoProcessLeft);

const WORKERS = 2;

/** Requests for pages of 1 MB at a time: a link takes 4 MB. */
const PAGES = 20;

function start(...args: string[]): Promise<ServerProcess> {
  return ServerProcess.start({ args: ["--port", "0", "--workers", String(WORKERS), ...args] });
}

/** The process ids of the workers. */
function workersOf({ pid }: ServerProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

/** Opens listeners until each worker has one. Which one a connection gets is up to the kernel. */
async function listenEverywhere({ url }: ServerProcess, stream: string): Promise<EventReader[]> {
  const readers: EventReader[] = [];
  const workers = new Set<string>();
  while (workers.size < WORKERS) {
    const reader = await EventReader.open(url.origin, `${stream}&name=n${readers.length}`);
    readers.push(reader);
    const welcome = await reader.nextEvent("welcome");
    // Each process names its own events.
    workers.add(welcome.Id.split("-")[1] ?? "");
  }
  return readers;
}

async function nextMessages(reader: EventReader, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) texts.push((await reader.nextData()).Text);
  return texts;
}

/** Requests on a connection of their own. */
async function get({ url }: ServerProcess, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, url), { headers: { connection: "close" } });
  expect(response.status).toBe(200);
  return response.json();
}

async function publish({ url }: ServerProcess, stream: string, text: string): Promise<WireMessage> {
  const body = new URLSearchParams({ stream, text });
  const headers = { connection: "close" };
  const response = await fetch(new URL("/messages", url), { method: "POST", body, headers });
  expect(response.status).toBe(201);
  return (await response.json()) as WireMessage;
}

describe.skipIf(process.platform !== "linux")("several workers", () => {
  test(
    "serve one stream, one history and one presence list",
    async () => {
      await using server = await start();
      const readers = await listenEverywhere(server, "foo");
      // The last one is announced to all within a second.
      for (const reader of readers)
        for (let told = 0; told < readers.length;) told = (await reader.nextEvent("connect")).Observers ?? 0;
      const published = await Promise.all(
        Array.from({ length: 100 }, (_, i) => publish(server, "foo", `${i}`)),
      );
      const order = published
        .toSorted((a, b) => Number(BigInt(a.Created) - BigInt(b.Created)))
        .map(({ Text }) => Text);
      for (const reader of readers) expect(await nextMessages(reader, 100)).toEqual(order);
      const history = (await get(server, "/messages?stream=foo&limit=100")) as WireMessage[];
      expect(history.map(({ Text }) => Text)).toEqual(order);

      const names = readers.map((_, i) => `n${i}`);
      const people = names.map((Name) => ({ Name, Status: "online" }));
      for (let i = 0; i < 4; i++) {
        expect(await get(server, "/presence?stream=foo")).toMatchObject({
          Observers: readers.length,
          People: people,
        });
        expect(await get(server, "/streams")).toMatchObject({ foo: { Observers: readers.length } });
        expect(await get(server, "/ready")).toEqual({ status: "ready" });
      }
      for (const reader of readers) await reader[Symbol.asyncDispose]();
    },
    TIMEOUT,
  );

  test(
    "one that is killed under load is started again, and its clients miss nothing",
    async () => {
      await using server = await start("--rate-limit", "0");
      const before = workersOf(server);
      expect(before).toHaveLength(WORKERS);
      const workload = new Workload([server.url]);
      await workload.start();
      const [killed = 0] = before;
      for (let i = 0; i < 20; i++) await publish(server, "bar", `${i}`);
      process.kill(killed, "SIGKILL");
      while (workersOf(server).includes(killed) || workersOf(server).length < WORKERS) await Bun.sleep(10);
      const { findings, failed } = await workload.finish();
      expect(findings).toEqual({ lost: 0, doubled: 0, disordered: 0, unheard: 0, vanished: 0, gaps: 0 });
      expect(failed).toBe(0);
      expect(await server.stop()).toBe(0);
      expect(await server.errors).toBe("warning: a worker process ended (SIGKILL): starting another\n");
    },
    TIMEOUT,
  );

  test(
    "pass on more pages at a time than a link holds",
    async () => {
      await using server = await start("--rate-limit", "0");
      const text = "\u{1f600}".repeat(1024);
      await using socket = await SocketClient.open(server.url.origin, ".large&subscribe=false");
      for (let i = 0; i < 256; i++) socket.send({ Type: "message", Text: text });
      for (let i = 0; i < 256; i++) await socket.next(({ Type }) => Type === "ack");
      // All requests reach the main process in one turn of its event loop.
      server.signal("SIGSTOP");
      const pages = Array.from({ length: PAGES }, async () => {
        const path = "/messages?stream=.large&limit=256";
        return ((await get(server, path)) as WireMessage[]).length;
      });
      // Workers answer this themselves, after they have passed on the requests before it.
      for (let i = 0; i < 20; i++) await get(server, "/limits");
      server.signal("SIGCONT");
      expect(await Promise.all(pages)).toEqual(pages.map(() => 256));
      expect(await server.stop()).toBe(0);
      expect(await server.errors).toBe("");
    },
    TIMEOUT,
  );

  test(
    "stop together, after each listener was told, with everything acknowledged",
    async () => {
      await using server = await start();
      const readers = await listenEverywhere(server, "foo");
      for (let i = 0; i < 10; i++) await publish(server, "foo", `${i}`);
      const stopped = server.stop();
      for (const reader of readers) {
        expect(await nextMessages(reader, 10)).toHaveLength(10);
        expect(await reader.retryAtEnd()).toMatch(/^[0-9]+$/);
      }
      expect(await stopped).toBe(0);
      expect(await server.errors).toBe("");
    },
    TIMEOUT,
  );

  test(
    "end with the main process, whose port can be used again at once",
    async () => {
      await using server = await start();
      server.signal("SIGKILL");
      await server.errors;
      await using next = await ServerProcess.start({
        args: ["--port", String(server.port), "--workers", "2"],
      });
      expect(await get(next, "/ready")).toEqual({ status: "ready" });
    },
    TIMEOUT,
  );

  test(
    "are one server to metrics and limits",
    async () => {
      await using server = await start(
        "--metrics-port",
        "0",
        "--trust-proxy",
        "127.0.0.1",
        "--rate-limit",
        "2",
      );
      const metrics = /http:\S+/.exec(await server.nextLine())?.[0] ?? "";
      const readers = await listenEverywhere(server, "foo");
      await publish(server, "foo", "hello");
      const expected = [
        "malten_messages_published_total 1",
        `malten_messages_delivered_total{transport="sse"} ${readers.length}`,
        `malten_subscriptions ${readers.length}`,
        "malten_streams 1",
        "malten_listened_streams 1",
        "malten_ready 1",
      ];
      // Workers report once a second.
      let shown: string[] = [];
      while (!expected.every((line) => shown.includes(line)))
        shown = (await (await fetch(metrics)).text()).split("\n");
      for (const reader of readers) await reader[Symbol.asyncDispose]();

      const headers = { "x-forwarded-for": "203.0.113.7", connection: "close" };
      const statuses: number[] = [];
      for (let i = 0; i < 60; i++) {
        const { status } = await fetch(new URL("/messages?stream=foo&text=x", server.url), {
          method: "POST",
          headers,
        });
        statuses.push(status);
      }
      expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 201));
      expect(statuses).toContain(429);
    },
    TIMEOUT,
  );

  test("are refused with an engine, which several servers can share", async () => {
    const started = ServerProcess.start({
      args: ["--port", "0", "--workers", "2"],
      env: { MALTEN_VALKEY_URL: "valkey://127.0.0.1:1" },
    });
    const error = await started.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect(error).toMatchObject({ exitCode: 2 });
    expect((error as StartError).output).toContain("--workers cannot be used with --valkey-url");
  });
});
