// Names of senders, and what the SDK tells when it begins to listen, over each transport.
import { afterAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { take } from "../../test-support/client/iterate.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { anyName, anyText } from "../../test-support/messages.ts";
import { TestServer } from "../../test-support/server.ts";
import { Malten, type Message, type StreamEvent, type TransportName } from "./index.ts";

const clock = new ManualClock();
const server = new TestServer({ clock });

afterAll(() => server.stop());

const TRANSPORTS = ["websocket", "sse", "poll"] as const satisfies TransportName[];

let streams = 0;

const newStream = () => `sdk-names-${streams++}`;

/** The events up to, and with, the first of this type. */
async function upTo(
  events: AsyncIterator<StreamEvent, undefined>,
  type: StreamEvent["type"],
): Promise<StreamEvent[]> {
  const taken: StreamEvent[] = [];
  while (taken.at(-1)?.type !== type) taken.push(...(await take(events, 1)));
  return taken.filter((event) => event.type !== "presence");
}

function said({ text, name }: Message) {
  return { text, ...(name !== undefined && { name }) };
}

for (const transport of TRANSPORTS)
  describe(`over ${transport}`, () => {
    test("property: a message is received with the name that it was sent with", async () => {
      const sent = fc.array(
        fc.record(
          { text: anyText, name: fc.option(anyName, { nil: undefined }) },
          { requiredKeys: ["text"] },
        ),
        { minLength: 1, maxLength: 5 },
      );
      await fc.assert(
        fc.asyncProperty(sent, async (messages) => {
          const expected = messages.map(({ text, name }) => ({ text, ...(name !== undefined && { name }) }));
          using client = disposable(new Malten(server.url, { transports: [transport] }));
          const foo = client.malten.stream(newStream());
          const listener = foo.listen();
          await Promise.all(messages.map(({ text, name }) => foo.send(text, { name })));
          expect((await take(listener, messages.length)).map(said)).toEqual(expected);
          for await (const page of foo.read({ from: "oldest" })) expect(page.map(said)).toEqual(expected);
        }),
        { numRuns: 10 },
      );
    });

    test("a name that the server refuses is the sender's error", async () => {
      using client = disposable(new Malten(server.url, { transports: [transport] }));
      const foo = client.malten.stream(newStream());
      const listener = foo.listen();
      expect(foo.send("hello", { name: " " })).rejects.toMatchObject({ code: "bad_person" });
      await foo.send("hello", { name: " Ada " });
      expect((await take(listener, 1)).map(said)).toEqual([{ text: "hello", name: "Ada" }]);
    });
  });

for (const transport of ["websocket", "sse"] as const)
  describe(`the welcome over ${transport}`, () => {
    test("tells how long the stream lives and what it keeps, before anything else", async () => {
      const name = newStream();
      using client = disposable(new Malten(server.url, { transports: [transport] }));
      const before = client.malten.stream(name);
      const events = before.events();
      const [absent] = await upTo(events, "welcome");
      expect(absent).toEqual({
        type: "welcome",
        created: expect.stringMatching(/^\d{19}$/) as string,
        ttl: 1024,
        count: 0,
      });
      await client.malten.create({ name, ttl: 100 });
      expect(await upTo(events, "created")).toEqual([{ type: "created", ttl: 100 }]);
      await before.send("one");
      await upTo(events, "message");
      before.close();

      clock.advance(30_000);
      const after = client.malten.stream(name);
      const kept = after.events({ since: "earliest" });
      const [welcome, message] = await upTo(kept, "message");
      if (welcome?.type !== "welcome" || message?.type !== "message") throw new Error("not in this order");
      const { left = Number.NaN, created, ...rest } = welcome;
      expect(rest).toEqual({ type: "welcome", ttl: 100, count: 1 });
      // Each id takes a microsecond of the server's clock, which stands still.
      expect(Math.abs(left - 70_000)).toBeLessThan(1);
      expect(BigInt(message.message.created)).toBeLessThanOrEqual(BigInt(created));
      await after.send("two");
      const [later] = (await upTo(kept, "message")).slice(-1);
      if (later?.type !== "message") throw new Error("no message");
      expect(BigInt(later.message.created)).toBeGreaterThan(BigInt(created));
    });
  });

test("a welcome comes again when the connection does", async () => {
  const first = new TestServer({ name: "first" });
  using client = disposable(new Malten(first.url));
  const events = client.malten.stream("foo").events();
  await upTo(events, "welcome");
  await first.stop();
  const second = new TestServer({ name: "second", port: first.port });
  await using _ = second;
  await second.publish("foo", "hello");
  const [again] = await upTo(events, "welcome");
  expect(again).toMatchObject({ type: "welcome", ttl: 1024, count: 1 });
});

/** Closes the client at the end of a block. */
function disposable(malten: Malten) {
  return { malten, [Symbol.dispose]: () => malten.close() };
}
