// The groups "HTTP" and "reconnection" of LaunchDarkly's sse-contract-tests (ssetests/tests_http_behavior.go,
// tests_reconnection.go), and the web-platform-tests about requests (eventsource/format-mime-*, request-*,
// eventsource-reconnect, format-field-retry), against a scripted server. The cursor is sent as `last`, because the header
// `Last-Event-ID` would require a preflight.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Malten, MaltenError, type ClientStream, type StreamState } from "../index.ts";

const SSE = { "content-type": "text/event-stream" };

/** One answer to `GET /events`. */
type Answer = (request: Request) => Response;

const EVENT = { Id: "e", Created: "1", Stream: "foo", Metadata: null };

function message(created: number, text = "x"): string {
  const json = {
    Id: `m-${created}`,
    Text: text,
    Type: "message",
    Created: `${created}000`,
    Stream: "foo",
    Metadata: null,
  };
  return `id:${created}000-me\ndata:${JSON.stringify(json)}\n\n`;
}

/** The first block of a response: the listener begins after this cursor. */
function welcome(cursor: string, server = "me"): string {
  const json = { ...EVENT, Type: "event", Text: "welcome", Server: server, Cursor: cursor };
  return `retry:1\nid:${cursor}\ndata:${JSON.stringify(json)}\n\n`;
}

function gap(from: string, to: string): string {
  return `data:${JSON.stringify({ ...EVENT, Type: "event", Text: "gap", From: from, To: to })}\n\n`;
}

/** A body that begins with a welcome, continues with `said`, and then stays open or ends. */
function body(said: string, then: "stays" | "ends" = "stays", cursor = "1000-me"): ReadableStream {
  return raw(welcome(cursor) + said, then);
}

function raw(said: string, then: "stays" | "ends"): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(said));
      if (then === "ends") controller.close();
    },
  });
}

let server: Bun.Server<undefined>;
let requests: Request[];
let answers: Answer[];
let foo: ClientStream;

beforeEach(() => {
  requests = [];
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/limits") return Response.json({ server: "me" });
      if (pathname === "/messages")
        return Response.json([], { headers: { "malten-cursor": "7000-me", "malten-server": "me" } });
      requests.push(request);
      return answers.shift()?.(request) ?? new Response(body(":\n"), { headers: SSE });
    },
  });
  foo = new Malten(server.url, { transports: ["sse", "poll"] }).stream("foo");
});

afterEach(async () => {
  foo.close();
  await server.stop(true);
});

/** Resolves to the next state of this kind. */
function becomes<Kind extends StreamState["kind"]>(
  kind: Kind,
): Promise<Extract<StreamState, { kind: Kind }>> {
  return new Promise((resolve) => {
    const stop = foo.onState((state) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state as Extract<StreamState, { kind: Kind }>);
    });
  });
}

/** The parameter `last` of each request for events. */
function cursors(): (string | null)[] {
  return requests.map(({ url }) => new URL(url).searchParams.get("last"));
}

describe("HTTP", () => {
  test("the first request is a GET that accepts event streams and resumes nothing", async () => {
    answers = [];
    void foo.listen();
    await becomes("live");
    const [request] = requests;
    expect(request?.method).toBe("GET");
    expect(request?.headers.get("accept")).toBe("text/event-stream");
    expect(request?.headers.get("last-event-id")).toBeNull();
    expect(cursors()).toEqual([null]);
  });

  test("a redirect is followed", async () => {
    answers = [
      () => Response.redirect("/events?elsewhere"),
      () => new Response(body(message(2, "there")), { headers: SSE }),
    ];
    expect((await foo.listen().next()).value?.text).toBe("there");
  });

  test("another content type is not read as an event stream, and another transport is tried", async () => {
    for (const type of ["text/x-bogus", "x bogus", "text/event-streams", "text/html"]) {
      answers = [() => new Response(body(message(2)), { headers: { "content-type": type } })];
      const other = new Malten(server.url, { transports: ["sse"] }).stream("foo");
      const { promise, resolve } = Promise.withResolvers<StreamState>();
      other.onState((state) => state.kind === "reconnecting" && resolve(state));
      void other.listen();
      expect(await promise).toMatchObject({ error: { code: "bad_response" } });
      other.close();
    }
    answers = [() => new Response("", { status: 200 })];
    void foo.listen();
    await becomes("live");
    expect(requests).toHaveLength(5);
  });

  test("a content type with parameters is accepted, and always decoded as UTF-8", async () => {
    for (const type of ["text/event-stream;charset=windows-1252", "text/event-stream;"]) {
      answers = [() => new Response(body(message(2, "ok…")), { headers: { "content-type": type } })];
      const messages = foo.listen();
      expect((await messages.next()).value?.text).toBe("ok…");
      await messages.return?.();
    }
  });

  test("a 503 is retried, and a 400 ends listening", async () => {
    const problem = (code: string, status: number) => () =>
      Response.json({ code, detail: "no", status }, { status });
    answers = [problem("shutting_down", 503), problem("bad_person", 400)];
    const failure = foo.listen().next();
    expect(await failure.catch((error: unknown) => error)).toBeInstanceOf(MaltenError);
    expect(failure).rejects.toMatchObject({ code: "bad_person" });
  });
});

describe("reconnection", () => {
  test("resumes after the last message, even if events without an id followed", async () => {
    const presence = `data:${JSON.stringify({ ...EVENT, Type: "event", Text: "connect", Observers: 1 })}\n\n`;
    answers = [
      () => new Response(body(message(2) + presence, "ends"), { headers: SSE }),
      () => new Response(body(message(3), "ends", "2000-me"), { headers: SSE }),
      () => new Response(body(message(4), "stays", "3000-me"), { headers: SSE }),
    ];
    const messages = foo.listen();
    for (const cursor of ["2000-me", "3000-me", "4000-me"])
      expect((await messages.next()).value?.cursor).toBe(cursor);
    expect(cursors()).toEqual([null, "2000-me", "3000-me"]);
  });

  test("resumes from the welcome's cursor if no message arrived", async () => {
    answers = [() => new Response(body("", "ends", "5000-me"), { headers: SSE })];
    answers.push(() => new Response(body(message(6), "stays", "5000-me"), { headers: SSE }));
    expect((await foo.listen().next()).value?.created).toBe("6000");
    expect(cursors()).toEqual([null, "5000-me"]);
  });

  test("does not deliver repeated messages again", async () => {
    answers = [() => new Response(body(message(2) + message(3), "ends"), { headers: SSE })];
    answers.push(() => new Response(body(message(2) + message(3) + message(4)), { headers: SSE }));
    const messages = foo.listen();
    for (const created of ["2000", "3000", "4000"])
      expect((await messages.next()).value?.created).toBe(created);
  });

  test("to another server with an earlier clock keeps the old cursor until the gap arrives, then delivers everything kept", async () => {
    const other = (said: string, then: "stays" | "ends") => () =>
      new Response(raw(welcome("0-other", "other") + said, then), { headers: SSE });
    answers = [
      () => new Response(body(message(9), "ends"), { headers: SSE }),
      // The connection breaks before the gap arrives.
      other("", "ends"),
      other(gap("0", "3000") + message(3) + message(4), "ends"),
      () => new Response(raw(welcome("4000-other", "other") + message(5), "stays"), { headers: SSE }),
    ];
    const messages = foo.listen();
    const given = [];
    for (let i = 0; i < 4; i++) given.push((await messages.next()).value);
    expect(given.map((one) => [one?.cursor, one?.gap])).toEqual([
      ["9000-me", undefined],
      ["3000-other", { from: "0", to: "3000" }],
      ["4000-other", undefined],
      ["5000-other", undefined],
    ]);
    expect(cursors()).toEqual([null, "9000-me", "9000-me", "4000-other"]);
  });

  test("waits as long as the server requests", async () => {
    answers = [() => new Response(body("retry:60000\n", "ends"), { headers: SSE })];
    void foo.listen();
    const { retryAt } = await becomes("reconnecting");
    expect(retryAt.getTime()).toBeGreaterThan(Date.now() + 50_000);
  });

  test("does not increase the delay while each connection delivers messages", async () => {
    const numbers = Array.from({ length: 12 }, (_, i) => i + 2);
    answers = numbers.map((number) => () => new Response(body(message(number), "ends"), { headers: SSE }));
    const delays: number[] = [];
    foo.onState((state) => {
      if (state.kind === "reconnecting") delays.push(state.retryAt.getTime() - Date.now());
    });
    const messages = foo.listen();
    for (const number of numbers) expect((await messages.next()).value?.created).toBe(`${number}000`);
    expect(Math.max(...delays)).toBeLessThanOrEqual(251);
  });

  test("connects for a listener that joins while a reconnection is pending", async () => {
    answers = [() => Response.json({ code: "shutting_down" }, { status: 503 })];
    answers.push(() => new Response(body(message(2)), { headers: SSE }));
    const first = foo.listen();
    await becomes("reconnecting");
    await first.return?.();
    expect((await foo.listen().next()).value?.created).toBe("2000");
  });

  test("discards an incomplete event", async () => {
    answers = [
      () => new Response(body(message(2) + message(3, "whole").slice(0, -1), "ends"), { headers: SSE }),
      () => new Response(body(message(3, "again"), "stays", "2000-me"), { headers: SSE }),
    ];
    const messages = foo.listen();
    await messages.next();
    expect((await messages.next()).value?.text).toBe("again");
  });
});
