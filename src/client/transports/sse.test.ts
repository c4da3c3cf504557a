// The groups "HTTP" and "reconnection" of LaunchDarkly's sse-contract-tests (ssetests/tests_http_behavior.go,
// tests_reconnection.go), and of web-platform-tests what is about requests (eventsource/format-mime-*, request-*,
// eventsource-reconnect, format-field-retry): against a server that does as it is told. What it is resumed by is `last`, since
// a header of that name would cost a preflight.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Malten, MaltenError, type Stream, type StreamState } from "./index.ts";

const SSE = { "content-type": "text/event-stream" };

/** One answer to `GET /events`. */
type Answer = (request: Request) => Response;

function message(created: number, text = "x"): string {
  const json = {
    Id: `${created}-me`,
    Text: text,
    Type: "message",
    Created: `${created}000`,
    Stream: "foo",
    Metadata: null,
  };
  return `id:${created}000\ndata:${JSON.stringify(json)}\n\n`;
}

/** A body that says this, and then stays open or ends. */
function body(said: string, then: "stays" | "ends" = "stays"): ReadableStream {
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
let foo: Stream;

beforeEach(() => {
  requests = [];
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/limits") return Response.json({ server: "me" });
      if (pathname === "/messages") return Response.json([], { headers: { "malten-cursor": "7000" } });
      requests.push(request);
      return answers.shift()?.(request) ?? new Response(body(":\n\n"), { headers: SSE });
    },
  });
  foo = new Malten(server.url, { transports: ["sse", "poll"] }).stream("foo");
});

afterEach(async () => {
  foo.close();
  await server.stop(true);
});

/** The next state of this kind. */
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

  test("a redirection is followed", async () => {
    answers = [
      () => Response.redirect("/events?elsewhere"),
      () => new Response(body(message(1, "there")), { headers: SSE }),
    ];
    expect((await foo.listen().next()).value?.text).toBe("there");
  });

  test("what is no event stream is not read as one, and another transport is tried", async () => {
    for (const type of ["text/x-bogus", "x bogus", "text/event-streams", "text/html"]) {
      answers = [() => new Response(body(message(1)), { headers: { "content-type": type } })];
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

  test("a type with parameters is one, and is UTF-8 whatever they say", async () => {
    for (const type of ["text/event-stream;charset=windows-1252", "text/event-stream;"]) {
      answers = [() => new Response(body(message(1, "ok…")), { headers: { "content-type": type } })];
      const messages = foo.listen();
      expect((await messages.next()).value?.text).toBe("ok…");
      await messages.return?.();
    }
  });

  test("what the server refuses ends the listening; where it cannot answer now, it is asked again", async () => {
    const problem = (code: string, status: number) => () =>
      Response.json({ code, detail: "no", status }, { status });
    answers = [problem("shutting_down", 503), problem("bad_person", 400)];
    const failure = foo.listen().next();
    expect(await failure.catch((error: unknown) => error)).toBeInstanceOf(MaltenError);
    expect(failure).rejects.toMatchObject({ code: "bad_person" });
  });
});

describe("reconnection", () => {
  test("resumes after the last event that had an id, also if later ones had none", async () => {
    const presence = {
      Id: "9-me",
      Text: "connect",
      Type: "event",
      Created: "9000",
      Stream: "foo",
      Metadata: null,
    };
    answers = [
      () =>
        new Response(
          body(`retry:1\n\n${message(1)}data:${JSON.stringify({ ...presence, Observers: 1 })}\n\n`, "ends"),
          {
            headers: SSE,
          },
        ),
      () => new Response(body(message(2), "ends"), { headers: SSE }),
      () => new Response(body(message(3)), { headers: SSE }),
    ];
    const messages = foo.listen();
    for (const created of ["1000", "2000", "3000"])
      expect((await messages.next()).value?.created).toBe(created);
    expect(cursors()).toEqual([null, "1000", "2000"]);
  });

  test("resumes after an id that stood alone", async () => {
    answers = [() => new Response(body("id:5000\n\n", "ends"), { headers: SSE })];
    answers.push(() => new Response(body(message(6)), { headers: SSE }));
    expect((await foo.listen().next()).value?.created).toBe("6000");
    expect(cursors()).toEqual([null, "5000"]);
  });

  test("does not give again what comes again", async () => {
    answers = [() => new Response(body(message(1) + message(2), "ends"), { headers: SSE })];
    answers.push(() => new Response(body(message(1) + message(2) + message(3)), { headers: SSE }));
    const messages = foo.listen();
    for (const created of ["1000", "2000", "3000"])
      expect((await messages.next()).value?.created).toBe(created);
  });

  test("waits as long as the server asks for", async () => {
    answers = [() => new Response(body("retry:60000\n\n:\n\n", "ends"), { headers: SSE })];
    void foo.listen();
    const { retryAt } = await becomes("reconnecting");
    expect(retryAt.getTime()).toBeGreaterThan(Date.now() + 50_000);
  });

  test("who comes while nobody listens, and a reconnection was under way, is connected", async () => {
    answers = [() => Response.json({ code: "shutting_down" }, { status: 503 })];
    answers.push(() => new Response(body(message(1)), { headers: SSE }));
    const first = foo.listen();
    await becomes("reconnecting");
    await first.return?.();
    expect((await foo.listen().next()).value?.created).toBe("1000");
  });

  test("a body that is cut in the middle of an event leaves nothing of it", async () => {
    answers = [
      () => new Response(body(message(1) + message(2, "whole").slice(0, -1), "ends"), { headers: SSE }),
      () => new Response(body(message(2, "again")), { headers: SSE }),
    ];
    const messages = foo.listen();
    await messages.next();
    expect((await messages.next()).value?.text).toBe("again");
  });
});
