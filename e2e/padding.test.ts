// A kept name must not keep the request that it was read from: in JavaScriptCore a string cut from another points into it.
// Requests are padded to the limit; the server must need no more memory afterwards than without the padding.
import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { HANDSHAKE } from "../test-support/frames.ts";
import { countObjects, startCountable } from "../test-support/objects.ts";
import { expectNoProcessLeft, type ServerProcess } from "../test-support/process.ts";

afterAll(expectNoProcessLeft);

/** Padding in bytes: request line and headers are limited to 16 KiB, as are frames; bodies to 64 KiB. */
const LONGEST = { url: 15_000, body: 60_000, frame: 15_000 };

/** How much the resident memory of two servers that hold the same may differ, in bytes. */
const NOISE = 16 * 1024 * 1024;

/** Requests in flight. */
const CONCURRENCY = 20;

/** Makes the requests numbered `from` up to, not including, `to`. Disposing of the result closes their connections. */
type Fill = (server: ServerProcess, from: number, to: number, padding: string) => Promise<Disposable>;

interface Case {
  readonly padding: keyof typeof LONGEST;
  readonly fill: Fill;
}

/** Frames per socket: each may be a subscription, of which a socket has at most 256. */
const SUBSCRIPTIONS = 256;

const FORM = "application/x-www-form-urlencoded";

const cases: Record<string, Case> = {
  "the stream of a query": {
    padding: "url",
    fill: post((i, padding) => ({ query: `pad=${padding}&stream=${stream(i)}&text=hello` })),
  },
  "the stream of a form": {
    padding: "body",
    fill: post((i, padding) => ({ body: `pad=${padding}&stream=${stream(i)}&text=hello`, type: FORM })),
  },
  "the stream of a JSON body": {
    padding: "body",
    fill: post((i, padding) => ({
      body: JSON.stringify({ pad: padding, stream: stream(i), text: "hello" }),
      type: "application/json",
    })),
  },
  "the stream of a multipart body": {
    padding: "body",
    fill: post((i, padding) => ({
      body: multipart({ pad: padding, stream: stream(i), text: "hello" }),
      type: "multipart/form-data; boundary=b",
    })),
  },
  "the stream of a WebSocket message": {
    padding: "frame",
    fill: frames((i, Pad) => ({ Pad, Type: "message", Stream: stream(i), Text: "hello" })),
  },
  "the stream of a WebSocket subscription": {
    padding: "frame",
    fill: frames((i, Pad) => ({ Pad, Type: "subscribe", Stream: stream(i) })),
  },
  "a created stream": {
    padding: "body",
    fill: post((i, padding) => ({
      path: "/streams",
      body: `pad=${padding}&stream=${stream(i)}`,
      type: FORM,
    })),
  },
  "the URL of server-sent events": { padding: "url", fill: listen("/events") },
  "the URL of newline-delimited JSON": {
    padding: "url",
    fill: listen("/events", "Accept: application/x-ndjson\r\n"),
  },
  "the URL of a WebSocket": { padding: "url", fill: listen("/events", HANDSHAKE) },
  "the URL of a WebSocket without a subscription": {
    padding: "url",
    fill: listen("/events", HANDSHAKE, () => "subscribe=false"),
  },
  "the URL of a long poll": { padding: "url", fill: listen("/messages", "", () => "wait=60") },
  "the name of a person in a query": {
    padding: "url",
    fill: listen("/events", "", (i) => `name=${person(i)}`),
  },
  "the name of a person in a frame": {
    padding: "frame",
    fill: frames((i, Pad) => ({ Pad, Type: "subscribe", Stream: stream(i), Name: person(i) })),
  },
  "the name of a sender in a query": {
    padding: "url",
    fill: post((i, padding) => ({ query: `pad=${padding}&stream=${some(i)}&text=hello&name=${person(i)}` })),
  },
  "the name of a sender in a frame, among spaces": {
    padding: "frame",
    fill: frames((i, padding) => ({
      Type: "message",
      Stream: some(i),
      Text: "hello",
      Name: `${padding.replaceAll("x", " ")}${person(i)}`,
    })),
  },
  "the ref of a query": {
    padding: "url",
    fill: post((i, padding) => ({ query: `pad=${padding}&ref=${ref(i)}&text=hello` })),
  },
  "the ref of a form": {
    padding: "body",
    fill: post((i, padding) => ({ body: `pad=${padding}&ref=${ref(i)}&text=hello`, type: FORM })),
  },
  "the ref of a frame": {
    padding: "frame",
    fill: frames((i, Pad) => ({ Pad, Type: "message", Ref: ref(i), Text: "hello" })),
  },
};

for (const [kept, { padding, fill }] of Object.entries(cases)) {
  const length = LONGEST[padding];
  const count = Math.ceil((4 * NOISE) / length);
  test.skipIf(process.platform !== "linux")(
    `${kept} leaves no more memory behind when the request is padded`,
    async () => {
      const [plain, padded] = [await growth(fill, count, ""), await growth(fill, count, "x".repeat(length))];
      expect(padded - plain).toBeLessThan(NOISE);
    },
    60_000,
  );
}

async function growth(fill: Fill, count: number, padding: string): Promise<number> {
  await using server = await startCountable();
  // What the first requests of this size allocate stays.
  (await fill(server, 0, 100, padding))[Symbol.dispose]();
  await countObjects(server);
  const before = server.residentMemory();
  using _kept = await fill(server, 100, 100 + count, padding);
  await countObjects(server);
  return server.residentMemory() - before;
}

interface Post {
  readonly path?: string;
  readonly query?: string;
  readonly body?: string;
  readonly type?: string;
}

function post(request: (i: number, padding: string) => Post): Fill {
  return async (server, from, to, padding) => {
    await spread(from, to, async (i) => {
      const { path = "/messages", query = "", body = null, type } = request(i, padding);
      const response = await fetch(new URL(`${path}?${query}`, server.url), {
        method: "POST",
        body,
        ...(type !== undefined && { headers: { "content-type": type } }),
      });
      expect(response.status).toBe(201);
      await response.arrayBuffer();
    });
    return nothing;
  };
}

function frames(frame: (i: number, padding: string) => object): Fill {
  return async (server, from, to, padding) => {
    const sockets: WebSocket[] = [];
    for (let first = from; first < to; first += SUBSCRIPTIONS) {
      const socket = new WebSocket(new URL("/events?subscribe=false", server.url.href.replace("http", "ws")));
      sockets.push(socket);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let left = Math.min(SUBSCRIPTIONS, to - first);
      socket.addEventListener("message", ({ data }) => {
        const { Type: type } = JSON.parse(String(data)) as { Type: string };
        if (type === "welcome")
          for (let i = 0; i < left; i++) socket.send(JSON.stringify(frame(first + i, padding)));
        if (type === "ack" && --left === 0) resolve();
        if (type === "error") reject(new Error(String(data)));
      });
      socket.addEventListener("close", () => reject(new Error("closed")));
      await promise;
    }
    return { [Symbol.dispose]: () => sockets.forEach((socket) => socket.close()) };
  };
}

function listen(path: string, headers = "", parameters: (i: number) => string = () => ""): Fill {
  return async (server, from, to, padding) => {
    const sockets: Socket[] = [];
    await spread(from, to, async (i) => {
      const socket = connect(server.port, "127.0.0.1");
      sockets.push(socket);
      const query = `pad=${padding}&stream=${stream(i)}&${parameters(i)}`;
      socket.write(`GET ${path}?${query} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
      if (path === "/events") await once(socket, "data");
      // A long poll is silent while it waits.
      else while ((await observers(server, stream(i))) === 0);
    });
    return { [Symbol.dispose]: () => sockets.forEach((socket) => socket.destroy()) };
  };
}

async function observers(server: ServerProcess, name: string): Promise<number> {
  const response = await fetch(new URL(`/presence?stream=${name}`, server.url));
  const { Observers } = (await response.json()) as { Observers: number };
  return Observers;
}

const nothing = { [Symbol.dispose]: () => {} };

async function spread(from: number, to: number, run: (i: number) => Promise<void>): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) await run(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/** Long: the runtime copies strings of a few characters anyway. */
function stream(i: number): string {
  return `a-stream-with-a-rather-long-name-${i}`;
}

/** One of few, that keeps a thousand messages. */
function some(i: number): string {
  return stream(Math.floor(i / 1024));
}

function person(i: number): string {
  return `a-person-with-a-long-name-${i}`;
}

/** Long enough to be remembered. */
function ref(i: number): string {
  return `ref-${String(i).padStart(20, "0")}`;
}

function multipart(fields: Record<string, string>): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join("")}--b--\r\n`;
}
