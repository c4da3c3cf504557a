// Servers whose answers have values of any type in any field.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { garbled, HostileServer, LAST } from "../../test-support/client/hostile-server.ts";
import { becomes } from "../../test-support/client/states.ts";
import { Malten, MaltenError, type Presence, type StreamEvent, type TransportName } from "./index.ts";

const DIGITS = /^\d+$/;

/** Throws unless every field has its documented type. */
function checkEvent(event: StreamEvent): void {
  switch (event.type) {
    case "message": {
      const { id, text, created, cursor, time, stream, name } = event.message;
      expect([typeof id, typeof text, typeof stream]).toEqual(["string", "string", "string"]);
      expect(["string", "undefined"]).toContain(typeof name);
      expect(created).toMatch(DIGITS);
      expect(cursor).toMatch(/^\d+-\w+$/);
      expect(Number.isNaN(time.getTime())).toBe(false);
      break;
    }
    case "gap":
      expect(event.gap.from).toMatch(DIGITS);
      expect(event.gap.to).toMatch(DIGITS);
      break;
    case "presence":
      checkPresence(event);
      break;
    case "welcome":
      expect(event.created).toMatch(DIGITS);
      expect([typeof event.ttl, typeof event.count]).toEqual(["number", "number"]);
      expect(["number", "undefined"]).toContain(typeof event.left);
      expect(event.left).not.toBeNaN();
      break;
    case "created":
      expect(event.ttl).toBeWithin(0, Infinity);
      break;
    case "expiring":
      expect(event.seconds).toBeWithin(0, Infinity);
      break;
    case "ended":
      expect(["string", "undefined"]).toContain(typeof event.reason);
  }
}

function checkPresence({
  observers,
  people,
  more,
  created,
}: Omit<Presence, "people"> & { people: readonly object[] }): void {
  expect([typeof observers, typeof more, typeof created]).toEqual(["number", "number", "string"]);
  for (const person of people)
    expect(Object.values(person).map((value) => typeof value)).toEqual(["string", "string"]);
}

/** The result; undefined for a `MaltenError`. */
async function allowed<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(MaltenError);
    if (error instanceof MaltenError)
      expect([typeof error.code, typeof error.message]).toEqual(["string", "string"]);
    return undefined;
  }
}

for (const transport of ["websocket", "sse", "poll"] as const satisfies TransportName[])
  test(`property: garbage in any field is a \`MaltenError\` or left out, over ${transport}`, async () => {
    await fc.assert(
      fc.asyncProperty(garbled, async (given) => {
        await using server = new HostileServer(given);
        const malten = new Malten(server.url, { transports: [transport], silence: 300 });
        const foo = malten.stream("foo");
        foo.onPresence(checkPresence);
        const stop = new AbortController();
        const lost = becomes(foo, "reconnecting").then(() => null);
        void server.done.then(() => stop.abort());
        const sent = allowed(foo.send("x", { signal: stop.signal }));
        const events = foo.events({ since: "earliest", signal: stop.signal });
        for (let count = 0; count < 20; count++) {
          const next = allowed(events.next());
          // Without a subscription there is nothing to wait for.
          const item = await Promise.race([next, lost]);
          if (!item?.value) break;
          checkEvent(item.value);
          if (item.value.type === "message" && item.value.message.text === LAST) break;
        }
        stop.abort();
        await sent;
        const page = await allowed(foo.read({ last: "1" }).next());
        for (const message of page?.value ?? []) checkEvent({ type: "message", message });
        const presence = await allowed(foo.presence());
        if (presence) checkPresence(presence);
        for (const { name, ttl, observers, updated } of (await allowed(malten.list())) ?? []) {
          expect([typeof name, typeof ttl, typeof observers]).toEqual(["string", "number", "number"]);
          expect(Number.isNaN(updated.getTime())).toBe(false);
        }
        const created = await allowed(malten.create());
        if (created)
          expect([typeof created.name, typeof created.owner, typeof created.ttl]).toEqual([
            "string",
            "string",
            "number",
          ]);
        await allowed(malten.limits());
        await allowed(foo.end("token"));
        malten.close();
      }),
      { numRuns: 60 },
    );
  }, 30_000);
