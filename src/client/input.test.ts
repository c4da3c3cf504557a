// Wrong input fails with its error code, and no error contains a secret.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ServerProcess } from "../../test-support/process.ts";
import { Malten, MaltenError } from "./index.ts";

let server: ServerProcess;
let malten: Malten;

beforeAll(async () => {
  server = await ServerProcess.start();
  malten = new Malten(server.url);
});

afterAll(() => server.stop());

/** What the work throws, or its promise rejects with. */
async function failure(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

describe("an address", () => {
  const wrong = ["ftp://localhost", "localhost:80", "file:///tmp"];
  for (const address of wrong) {
    test(`${address} cannot be connected to`, () => {
      expect(() => new Malten(address)).toThrow(TypeError);
    });
  }
});

describe("over WebSocket, what is longer than a frame may be", () => {
  test("is refused without closing the connection, and what follows is sent", async () => {
    const sending = new Malten(server.url, { transports: ["websocket"] });
    const foo = sending.stream("foo");
    const states: string[] = [];
    foo.onState(({ kind }) => states.push(kind));
    const texts = ["one", "😀".repeat(5000), "x".repeat(100_000), "two"];
    const [one, emoji, ascii, two] = await Promise.allSettled(texts.map((text) => foo.send(text)));
    expect([one?.status, two?.status]).toEqual(["fulfilled", "fulfilled"]);
    for (const refused of [emoji, ascii])
      expect(refused).toMatchObject({ status: "rejected", reason: { code: "body_too_large" } });
    // Its name is too long.
    const listening = foo.listen();
    foo.setPresence({ name: "😀".repeat(5000) });
    expect(await failure(() => listening.next())).toMatchObject({ code: "body_too_large" });
    expect(states).not.toContain("reconnecting");
    foo.close();
  }, 30_000);
});

describe("an error", () => {
  test("does not repeat the platform's message, which may contain a secret", async () => {
    const unreachable = new Malten("http://ada:my-password@127.0.0.1:1");
    const error = await failure(() => unreachable.stream("my-stream").presence());
    expect(error).toMatchObject({ code: "unreachable", message: "No connection" });
    expect(Bun.inspect(error)).not.toMatch(/my-password@|stream=my-stream/);
    // As Node says it.
    const cause = new Error("connect ECONNREFUSED");
    const thrown = new TypeError("URL that includes credentials: http://ada:my-password@localhost", {
      cause,
    });
    expect(MaltenError.of(thrown)).toMatchObject({ message: "No connection", cause });
  });

  test("for a token that no header can have is the server's", async () => {
    const { name, owner } = await malten.create();
    for (const token of ["se\ncret", "sécret", "\ud800", "a b"])
      expect(await failure(() => malten.stream(name).end(token))).toMatchObject({ code: "token_wrong" });
    await malten.stream(name).end(`${owner}\n`);
  });

  test("is `aborted`, whatever the caller's reason", async () => {
    for (const reason of [undefined, "enough", new Error("enough"), new TypeError("enough")]) {
      const signal = AbortSignal.abort(reason);
      expect(await failure(() => malten.list({ signal }))).toMatchObject({ code: "aborted" });
      expect(await failure(() => malten.stream("foo").send("x", { signal }))).toMatchObject({
        code: "aborted",
      });
    }
  });
});

describe("listening", () => {
  for (const since of ["abc", "", "1.5", "-1", "0x10", " 1", "1e3"]) {
    test(`since ${JSON.stringify(since)} is rejected`, async () => {
      const error = await failure(() => malten.stream("foo").listen({ since }).next());
      expect(error).toBeInstanceOf(MaltenError);
      expect(error).toMatchObject({ code: "bad_parameter" });
    });
  }

  test("with a status and no name is rejected", async () => {
    const error = await failure(() => malten.stream("foo").listen({ status: "away" }).next());
    expect(error).toMatchObject({ code: "bad_parameter" });
  });
});

test("a listener with a name is in the presence list from the start", async () => {
  const watch = malten.stream("seen").events();
  for (const type of ["welcome", "presence"]) expect((await watch.next()).value?.type ?? "").toBe(type);
  const ada = new Malten(server.url).stream("seen");
  void ada.listen({ name: "Ada", status: "away" });
  expect((await watch.next()).value).toMatchObject({
    observers: 2,
    people: [{ name: "Ada", status: "away" }],
  });
  ada.close();
  await watch.return?.();
});

test("a rejection that arrives after its listener has left does not end other listeners", async () => {
  const foo = malten.stream("left");
  await foo.send("it is connected");
  void foo.listen({ name: "" }).return?.();
  const messages = foo.listen();
  await foo.send("heard");
  expect((await messages.next()).value?.text).toBe("heard");
  foo.close();
});

test("a rejected name does not end the other listeners of the stream", async () => {
  const foo = malten.stream("refused");
  const messages = foo.listen();
  expect(await failure(() => foo.listen({ name: "" }).next())).toMatchObject({ code: "bad_person" });
  await foo.send("heard");
  expect((await messages.next()).value?.text).toBe("heard");
  foo.close();
});

test("limits() returns all limits of the server", async () => {
  expect((await malten.limits()).person).toBe(32);
});
