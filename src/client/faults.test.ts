// Servers that answer late, wrongly or not at all, and callbacks that throw.
import { afterAll, expect, test } from "bun:test";
import { message, ScriptedServer, welcome } from "../../test-support/client/scripted-server.ts";
import { becomes, failure } from "../../test-support/client/states.ts";
import { environment, expectNoProcessLeft } from "../../test-support/process.ts";
import { Malten, type TransportName } from "./index.ts";

afterAll(expectNoProcessLeft);

const SSE = { headers: { "content-type": "text/event-stream" } };

function client(server: ScriptedServer, transport: TransportName = "websocket", silence = 600): Malten {
  return new Malten(server.url, { transports: [transport], silence });
}

/** A body of server-sent events that stays open. */
function events(...blocks: object[]): Response {
  const body = new ReadableStream({
    start(controller) {
      for (const block of blocks)
        controller.enqueue(new TextEncoder().encode(`data:${JSON.stringify(block)}\n\n`));
    },
  });
  return new Response(body, SSE);
}

test("a message of the same text as one that is never acknowledged is still delivered", async () => {
  await using server = new ScriptedServer({
    frame({ Type }, reply) {
      if (Type !== "message") return false;
      for (const created of [2, 3]) reply(message("foo", "same", created));
      return true;
    },
  });
  const malten = client(server, "websocket", 60_000);
  const foo = malten.stream("foo");
  const messages = foo.listen();
  await becomes(foo, "live");
  const sent = failure(foo.send("same", { timeout: 10_000 }));
  expect((await messages.next()).value).toMatchObject({ text: "same", own: false });
  expect((await messages.next()).value).toMatchObject({ text: "same", own: false });
  malten.close();
  expect(await sent).toMatchObject({ code: "closed" });
});

test("over HTTP too, while the request has no answer", async () => {
  const posted = Promise.withResolvers<void>();
  await using server = new ScriptedServer({
    http({ method, url }) {
      if (method === "POST") {
        posted.resolve();
        return new Promise<Response>(() => {});
      }
      if (new URL(url).pathname !== "/events") return null;
      const response = new ReadableStream({
        async start(controller) {
          const write = (block: object) =>
            controller.enqueue(new TextEncoder().encode(`data:${JSON.stringify(block)}\n\n`));
          write(welcome("foo"));
          await posted.promise;
          write(message("foo", "same", 2));
        },
      });
      return new Response(response, SSE);
    },
  });
  const malten = client(server, "sse", 60_000);
  const foo = malten.stream("foo");
  const messages = foo.listen();
  const sent = failure(foo.send("same"));
  expect((await messages.next()).value).toMatchObject({ text: "same", own: false });
  malten.close();
  await sent;
});

test("a subscription that is acknowledged, but never begins, is requested on another connection", async () => {
  await using server = new ScriptedServer({
    frame({ Type, Ref }, reply, attempt) {
      if (Type !== "subscribe" || attempt > 1) return false;
      reply({ Type: "ack", Ref });
      return true;
    },
  });
  const malten = client(server);
  const foo = malten.stream("foo");
  void foo.listen();
  await becomes(foo, "live");
  expect(server.attempts).toBe(2);
  malten.close();
});

test("a socket that sends anything but a welcome is closed", async () => {
  await using server = new ScriptedServer({
    opened(reply, attempt) {
      reply(attempt === 1 ? { Type: "pong" } : { Type: "welcome", Server: "me" });
    },
  });
  const malten = client(server, "websocket", 60_000);
  await malten.stream("foo").send("x");
  expect(server.attempts).toBe(2);
  malten.close();
});

for (const garbage of [
  "",
  "null",
  "[]",
  "{}",
  '{"Type":"event","Text":"welcome","Server":"me","Cursor":"x"}',
])
  test(`a stream of events that begins with ${garbage || "nothing"} is requested again`, async () => {
    let requests = 0;
    await using server = new ScriptedServer({
      http({ url }) {
        if (new URL(url).pathname !== "/events") return null;
        if (++requests === 1) return new Response(`data:${garbage}\n\n`, SSE);
        return events(welcome("foo"), message("foo", "1", 2));
      },
    });
    const malten = client(server, "sse");
    expect((await malten.stream("foo").listen().next()).value?.text).toBe("1");
    expect(requests).toBe(2);
    malten.close();
  });

test("a rejected subscription ends its own listeners, and no others", async () => {
  await using server = new ScriptedServer({
    frame({ Type, Stream, Ref, Text }, reply) {
      if (Type === "message") reply(message(Stream ?? "", Text ?? "", 2));
      if (Type !== "subscribe" || Stream !== "full") return false;
      reply({ Type: "error", Ref, Code: "too_many_subscriptions", Text: "no" });
      return true;
    },
  });
  const malten = client(server);
  const foo = malten.stream("foo");
  const messages = foo.listen();
  const refused = malten.stream("full").listen();
  expect(await failure(refused.next())).toMatchObject({ code: "too_many_subscriptions" });
  await foo.send("x");
  expect((await messages.next()).value?.text).toBe("x");
  expect([foo.state.kind, server.attempts]).toEqual(["live", 1]);
  malten.close();
});

test("a name rejected after the subscription began leaves no subscription behind", async () => {
  await using server = new ScriptedServer({
    frame({ Type, Ref }, reply) {
      if (Type !== "presence") return false;
      reply({ Type: "error", Ref, Code: "bad_person", Text: "no" });
      return true;
    },
  });
  const malten = client(server);
  const foo = malten.stream("foo");
  const messages = foo.listen();
  await becomes(foo, "live");
  foo.setPresence({ name: "no\nname" });
  expect(await failure(messages.next())).toMatchObject({ code: "bad_person" });
  await foo.send("x");
  expect(server.frames.map(({ Type }) => Type)).toEqual(["subscribe", "presence", "unsubscribe", "message"]);
  malten.close();
});

test("a rejected name does not end the updates of the presence list", async () => {
  await using server = new ScriptedServer({
    frame({ Type, Ref, Name }, reply) {
      if (Type !== "subscribe" || Name === undefined) return false;
      reply({ Type: "error", Ref, Code: "bad_person", Text: "no" });
      return true;
    },
  });
  const malten = client(server);
  const foo = malten.stream("foo");
  foo.setPresence({ name: "no\nname" });
  const told = Promise.withResolvers<number>();
  foo.onPresence(({ observers }) => told.resolve(observers));
  expect(await told.promise).toBe(1);
  malten.close();
});

test("a rejected stream ends the updates of the presence list, and can be tried again", async () => {
  let rejects = true;
  await using server = new ScriptedServer({
    frame({ Type, Ref }, reply) {
      if (Type !== "subscribe" || !rejects) return false;
      reply({ Type: "error", Ref, Code: "too_many_subscriptions", Text: "no" });
      return true;
    },
  });
  const malten = client(server);
  const foo = malten.stream("foo");
  foo.onPresence(() => {});
  expect(await failure(foo.listen().next())).toMatchObject({ code: "too_many_subscriptions" });
  await becomes(foo, "idle");
  rejects = false;
  const told = Promise.withResolvers<number>();
  foo.onPresence(({ observers }) => told.resolve(observers));
  expect(await told.promise).toBe(1);
  malten.close();
});

test("a name that was set stays for the next listener", async () => {
  await using server = new ScriptedServer({});
  const malten = client(server);
  const foo = malten.stream("foo");
  foo.setPresence({ name: "Ada" });
  for (let i = 0; i < 2; i++) {
    const messages = foo.listen();
    await becomes(foo, "live");
    await messages.return?.();
  }
  const names = server.frames.filter(({ Type }) => Type === "subscribe").map(({ Name }) => Name);
  expect(names).toEqual(["Ada", "Ada"]);
  malten.close();
});

test("a stream that is opened again in a callback of its end works", async () => {
  await using server = new ScriptedServer({
    frame({ Type, Ref }, reply) {
      if (Type !== "subscribe") return false;
      for (const answer of [{ Type: "ack", Ref }, welcome("foo"), message("foo", "x", 2)]) reply(answer);
      return true;
    },
  });
  const malten = client(server);
  const foo = malten.stream("foo");
  void foo.listen();
  foo.onPresence(() => {});
  await becomes(foo, "live");
  const again = Promise.withResolvers<AsyncIterator<{ text: string }, undefined>>();
  foo.onState(({ kind }) => {
    if (kind === "closed") again.resolve(malten.stream("foo").listen());
  });
  foo.close();
  const messages = await again.promise;
  expect((await messages.next()).value?.text).toBe("x");
  malten.close();
});

test("what a callback throws is reported as uncaught, and disturbs neither the connection nor other callbacks", async () => {
  await using server = new ScriptedServer({});
  const script = `
    import { Malten } from ${JSON.stringify(`${import.meta.dir}/index.ts`)};
    const uncaught = [];
    process.on("uncaughtException", ({ message }) => uncaught.push(message));
    const malten = new Malten(${JSON.stringify(server.url)});
    const foo = malten.stream("foo");
    foo.onState(({ kind }) => { throw new Error(kind) });
    foo.onPresence(() => { throw new Error("presence") });
    await new Promise((resolve) => foo.onPresence(resolve));
    await foo.send("x");
    console.log(JSON.stringify([uncaught.sort(), foo.state.kind]));
    process.exit();
  `;
  const child = Bun.spawn([process.execPath, "-e", script], {
    env: environment(),
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(JSON.parse(await new Response(child.stdout).text())).toEqual([
    ["connecting", "live", "presence"],
    "live",
  ]);
  expect(server.attempts).toBe(1);
});

test("a WebSocket that cannot even be constructed leads to the next transport", async () => {
  await using server = new ScriptedServer({});
  const RealWebSocket = globalThis.WebSocket;
  globalThis.WebSocket = function throwing() {
    throw new DOMException("mixed content", "SecurityError");
  } as unknown as typeof WebSocket;
  try {
    const malten = new Malten(server.url, { transports: ["websocket", "poll"] });
    const foo = malten.stream("foo");
    foo.send("x").catch(() => {});
    await becomes(foo, "live");
    malten.close();
  } finally {
    globalThis.WebSocket = RealWebSocket;
  }
});

test("the presence list arrives over long polls on a busy stream", async () => {
  let created = 1;
  /** Presence is answered after 20 more polls. */
  const waiting: { poll: number; answer: () => void }[] = [];
  await using server = new ScriptedServer({
    http({ url }) {
      const { pathname } = new URL(url);
      if (pathname === "/messages") {
        created++;
        for (const { poll, answer } of waiting) if (created >= poll) answer();
        return Response.json([message("foo", "x", created)], { headers: { "malten-server": "me" } });
      }
      if (pathname !== "/presence") return null;
      return new Promise((resolve) => {
        const list = Response.json({ Created: "1000", Observers: 7, People: [], More: 0 });
        waiting.push({ poll: created + 20, answer: () => resolve(list) });
      });
    },
  });
  const malten = client(server, "poll", 60_000);
  const told = Promise.withResolvers<number>();
  malten.stream("foo").onPresence(({ observers }) => told.resolve(observers));
  expect(await told.promise).toBe(7);
  malten.close();
});
