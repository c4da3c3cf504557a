// Servers that ask to slow down: with errors that say for how long, with late answers, and with refused connections.
import { afterEach, beforeEach, describe, expect, jest, setSystemTime, test } from "bun:test";
import { ScriptedServer, welcome, type ClientFrame } from "../../test-support/client/scripted-server.ts";
import { becomes, failure } from "../../test-support/client/states.ts";
import { Malten, type StreamState, type TransportName } from "./index.ts";
import { MaltenError } from "./error.ts";
import { SendQueue } from "./send-queue.ts";
import type { Connection } from "./transports/connection.ts";

/** How much earlier than `Date` timers may be, in milliseconds. */
const EARLY = 5;

const SSE = { headers: { "content-type": "text/event-stream" } };

function client(server: ScriptedServer, ...transports: TransportName[]): Malten {
  return new Malten(server.url, { transports, silence: 60_000 });
}

function tooMany(retryAfter: string, code = "rate_limited", status = 429): Response {
  const headers = retryAfter === "" ? {} : { "retry-after": retryAfter };
  return Response.json({ code, detail: "Slow down", status }, { status, headers });
}

/** A connection that has room for every message, and records their refs. */
function wire(given: string[] = []): Connection {
  return {
    server: "one",
    canPublish: () => true,
    publish: (_, ref) => void given.push(ref),
    subscribe() {},
    unsubscribe() {},
    close() {},
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => String(i));

describe("over a WebSocket", () => {
  /** A server that accepts `burst` messages a second and refuses all that follow until the second is over. */
  function limited(burst: number) {
    const published: string[] = [];
    const refused: number[] = [];
    let until = 0;
    let left = burst;
    const frame = ({ Type, Ref, Text = "" }: ClientFrame, reply: (frame: object) => void) => {
      if (Type !== "message") return false;
      const now = Date.now();
      if (until > 0 && now >= until) [until, left] = [0, burst];
      if (until === 0 && left === 0) until = now + 1000;
      if (until > 0) {
        refused.push(now);
        reply({ Type: "error", Ref, Code: "rate_limited", Text: "Slow down", RetryAfter: 1 });
      } else {
        left--;
        published.push(Text);
        reply({ Type: "ack", Ref, Id: `id-${published.length}`, Created: "5000" });
      }
      return true;
    };
    return { published, refused, frame };
  }

  test("refused messages are sent again in order, once each, when the server allows it", async () => {
    const { published, refused, frame } = limited(20);
    await using server = new ScriptedServer({ frame });
    const malten = client(server, "websocket");
    const foo = malten.stream("foo");
    const states: StreamState[] = [];
    foo.onState((state) => states.push(state));
    const sent = await Promise.all(range(50).map((text) => foo.send(text)));
    expect(published).toEqual(range(50));
    expect(sent.map(({ id }) => id)).toEqual(range(50).map((i) => `id-${Number(i) + 1}`));
    expect(server.attempts).toBe(1);
    const throttled = states.filter((state) => state.kind === "throttled");
    expect(throttled).toHaveLength(2);
    const [first] = throttled;
    if (first?.kind !== "throttled") throw new Error("not throttled");
    expect(first.error).toMatchObject({ code: "rate_limited", retryAfter: 1, transient: true });
    expect(Number(first.retryAt)).toBeGreaterThanOrEqual((refused[0] ?? 0) + 1000);
    expect(foo.state.kind).toBe("live");
    malten.close();
  }, 20_000);

  test("messages wait behind a refused one, and other streams wait as well", async () => {
    let refuses = true;
    const published: string[] = [];
    await using server = new ScriptedServer({
      frame({ Type, Ref, Text = "", Stream }, reply) {
        if (Type !== "message") return false;
        if (refuses) reply({ Type: "error", Ref, Code: "memory_full", Text: "Full", RetryAfter: 1 });
        else published.push(`${Stream} ${Text}`);
        return refuses;
      },
    });
    const malten = client(server, "websocket");
    const [foo, bar] = [malten.stream("foo"), malten.stream("bar")];
    const first = foo.send("1");
    await becomes(foo, "throttled");
    refuses = false;
    const rest = [foo.send("2"), bar.send("3")];
    expect(bar.state.kind).toBe("throttled");
    await Promise.all([first, ...rest]);
    expect(published).toEqual(["foo 1", "foo 2", "bar 3"]);
    malten.close();
  }, 20_000);

  test("a time limit of the caller ends the wait with the server's reason", async () => {
    await using server = new ScriptedServer({
      frame({ Type, Ref }, reply) {
        if (Type === "message")
          reply({ Type: "error", Ref, Code: "quota_exceeded", Text: "No", RetryAfter: 200 });
        return Type === "message";
      },
    });
    const malten = client(server, "websocket");
    // Long enough to be refused, also by a busy machine.
    const sent = failure(malten.stream("foo").send("1", { timeout: 2000 }));
    expect(await sent).toMatchObject({ code: "quota_exceeded", retryAfter: 200 });
    malten.close();
  });
});

describe("a message that is refused for now", () => {
  const throttle = new MaltenError("memory_full", "full", undefined, 1);

  test("is not sent again before the answers to all later ones have arrived", async () => {
    const queue = new SendQueue(new Set());
    const given: string[] = [];
    const sent = ["a", "b"].map((text) => queue.add(text));
    queue.pump("foo", wire(given));
    const [a = "", b = ""] = given;
    queue.answered(a, throttle);
    queue.pump("foo", wire(given));
    expect(given).toEqual([a, b]);
    queue.answered(b, throttle);
    queue.pump("foo", wire(given));
    expect(given).toEqual([a, b, a, b]);
    for (const ref of [a, b]) queue.answered(ref, { Id: ref, Created: "1" });
    expect((await Promise.all(sent)).map(({ id }) => id)).toEqual([a, b]);
    expect(queue.isEmpty).toBe(true);
  });

  test("is rejected once a later one was accepted: sent again, it would be out of order", async () => {
    const queue = new SendQueue(new Set());
    const given: string[] = [];
    const [first, second] = ["a", "b"].map((text) => queue.add(text).catch((error: unknown) => error));
    queue.pump("foo", wire(given));
    queue.answered(given[0] ?? "", throttle);
    queue.answered(given[1] ?? "", { Id: "b", Created: "1" });
    expect(await first).toBe(throttle);
    expect(await second).toMatchObject({ id: "b" });
    queue.pump("foo", wire(given));
    expect([given.length, queue.isEmpty]).toEqual([2, true]);
  });

  test("is sent again with those of a broken connection that wait for room", async () => {
    const queue = new SendQueue(new Set());
    const given: string[] = [];
    let room = 3;
    const narrow = { ...wire(given), canPublish: () => given.length < room };
    const sent = ["a", "b", "c"].map((text) => queue.add(text));
    queue.pump("foo", narrow);
    const [a = "", b = "", c = ""] = given;
    queue.lost();
    queue.opened("one");
    room = 4;
    queue.pump("foo", narrow);
    queue.answered(a, throttle);
    room = 7;
    queue.pump("foo", narrow);
    expect(given).toEqual([a, b, c, a, a, b, c]);
    for (const ref of [a, b, c]) queue.answered(ref, { Id: ref, Created: "1" });
    expect((await Promise.all(sent)).map(({ id }) => id)).toEqual([a, b, c]);
  });

  test("was published nowhere: another server may be given it", async () => {
    const queue = new SendQueue(new Set());
    const given: string[] = [];
    const sent = queue.add("a");
    queue.pump("foo", wire(given));
    queue.answered(given[0] ?? "", throttle);
    queue.lost();
    queue.opened("two");
    queue.pump("foo", wire(given));
    expect(given).toHaveLength(2);
    queue.answered(given[0] ?? "", { Id: "a", Created: "1" });
    expect(await sent).toMatchObject({ id: "a" });
  });
});

describe("a message that may have been published and is then refused", () => {
  afterEach(() => {
    setSystemTime();
  });

  test("is not sent again when the server has forgotten its ref", async () => {
    const throttle = new MaltenError("rate_limited", "slow down", undefined, 60);
    const queue = new SendQueue(new Set());
    const given: string[] = [];
    const sent = failure(queue.add("a", { timeout: 1_000_000 }));
    queue.pump("foo", wire(given));
    // The connection broke before the answer.
    queue.lost();
    queue.opened("one");
    for (let attempt = 2; attempt <= 3; attempt++) {
      queue.pump("foo", wire(given));
      expect(given).toHaveLength(attempt);
      queue.answered(given[0] ?? "", throttle);
      setSystemTime(Date.now() + 60_000);
    }
    queue.pump("foo", wire(given));
    expect(given).toHaveLength(3);
    expect(await sent).toMatchObject({ code: "uncertain" });
    expect(queue.isEmpty).toBe(true);
  });
});

describe("time limits", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function outcomeOf(sent: Promise<unknown>): { code: string } {
    const outcome = { code: "none" };
    sent.catch((error: unknown) => {
      outcome.code = error instanceof MaltenError ? error.code : String(error);
    });
    return outcome;
  }

  async function advance(milliseconds: number): Promise<void> {
    jest.advanceTimersByTime(milliseconds);
    await Promise.resolve();
    await Promise.resolve();
  }

  test("without a connection, a message is given up after 30 s", async () => {
    const outcome = outcomeOf(new SendQueue(new Set()).add("a"));
    await advance(29_000);
    expect(outcome.code).toBe("none");
    await advance(2000);
    expect(outcome.code).toBe("timeout");
  });

  test("the answer of a connection that lives may take minutes", async () => {
    const queue = new SendQueue(new Set());
    const outcome = outcomeOf(queue.add("a"));
    queue.pump("foo", wire());
    await advance(290_000);
    expect(outcome.code).toBe("none");
    await advance(20_000);
    expect(outcome.code).toBe("uncertain");
  });

  test("while the server accepts others, or asks to wait, a message is not given up", async () => {
    const pace = { at: 0 };
    const queue = new SendQueue(new Set(), pace);
    const outcome = outcomeOf(queue.add("a"));
    await advance(20_000);
    queue.answered("another", { Id: "b", Created: "1" });
    await advance(20_000);
    expect(outcome.code).toBe("none");
    pace.at = Date.now() + 200_000;
    await advance(220_000);
    expect(outcome.code).toBe("none");
    await advance(20_000);
    expect(outcome.code).toBe("timeout");
  });

  test("Infinity waits as long as it takes", async () => {
    const outcome = outcomeOf(new SendQueue(new Set()).add("a", { timeout: Infinity }));
    await advance(2 ** 32 - 1);
    expect(outcome.code).toBe("none");
  });
});

describe("over HTTP", () => {
  const NOW = "now";
  for (const [name, header] of [
    ["seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 2000).toUTCString()],
    ["nothing", () => ""],
  ] as const)
    test(`429 with ${name} in Retry-After pauses sending`, async () => {
      const posted: [text: string | null, at: number][] = [];
      await using server = new ScriptedServer({
        async http(request) {
          if (request.method !== "POST") return null;
          posted.push([new URLSearchParams(await request.text()).get("text"), Date.now()]);
          return posted.length === 2 ? tooMany(header()) : Response.json({ Id: NOW, Created: "1000" });
        },
      });
      const malten = client(server, "sse");
      const foo = malten.stream("foo");
      const sent = ["1", "2", "3"].map((text) => foo.send(text));
      await becomes(foo, "throttled");
      await Promise.all(sent);
      expect(posted.map(([text]) => text)).toEqual(["1", "2", "2", "3"]);
      const [, second = 0] = posted[1] ?? [];
      const [, third = 0] = posted[2] ?? [];
      // A date has no fractions of seconds.
      expect(third - second).toBeGreaterThanOrEqual(1000 - EARLY);
      malten.close();
    }, 20_000);

  test("a year in Retry-After is taken for five minutes", async () => {
    await using server = new ScriptedServer({ http: () => tooMany("31536000", "too_busy", 503) });
    const malten = client(server, "sse");
    expect(await failure(malten.create())).toMatchObject({ code: "too_busy", retryAfter: 300 });
    const foo = malten.stream("foo");
    void failure(foo.listen().next());
    const { retryAt } = await becomes(foo, "reconnecting");
    expect(Number(retryAt) - Date.now()).toBeWithin(240_000, 301_000);
    malten.close();
  });

  test("an event stream that asks to reconnect in a year is reconnected in five minutes", async () => {
    await using server = new ScriptedServer({
      http: ({ url }) =>
        new URL(url).pathname === "/events"
          ? new Response(`retry:31536000000\ndata:${JSON.stringify(welcome("foo"))}\n\n`, SSE)
          : null,
    });
    const malten = client(server, "sse");
    const foo = malten.stream("foo");
    void foo.listen();
    const { retryAt } = await becomes(foo, "reconnecting");
    expect(Number(retryAt) - Date.now()).toBeWithin(240_000, 301_000);
    malten.close();
  });
});

describe("a refused connection is tried again when the server allows it, with the same transport:", () => {
  for (const transport of ["websocket", "sse", "poll"] as const)
    test(
      transport,
      async () => {
        let refusals = 0;
        let refusedAt = 0;
        const asked: string[] = [];
        await using server = new ScriptedServer({
          http({ url, headers }) {
            const { pathname, searchParams } = new URL(url);
            const isListening = pathname === (transport === "poll" ? "/messages" : "/events");
            if (!isListening) return null;
            asked.push(headers.get("upgrade") ?? searchParams.get("subscribe") ?? "");
            // A WebSocket, and the request that asks why it was refused.
            if (++refusals > (transport === "websocket" ? 2 : 1)) return null;
            refusedAt = Date.now();
            return tooMany("1", "too_many_connections");
          },
          refusesSockets: () => refusals < 2,
        });
        const malten = client(server, transport, transport === "sse" ? "poll" : "sse");
        const foo = malten.stream("foo");
        void failure(foo.listen().next());
        const { error, retryAt } = await becomes(foo, "reconnecting");
        expect(error).toMatchObject({ code: "too_many_connections", retryAfter: 1 });
        expect(Number(retryAt)).toBeGreaterThanOrEqual(refusedAt + 1000);
        if (transport === "websocket") {
          expect(asked).toEqual(["websocket", "false"]);
          await becomes(foo, "live");
          expect(server.attempts).toBe(1);
        }
        malten.close();
      },
      20_000,
    );
});
