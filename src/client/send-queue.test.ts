import { describe, expect, jest, setSystemTime, test } from "bun:test";
import * as fc from "fast-check";
import type { Connection } from "./transports/connection.ts";
import { MaltenError } from "./error.ts";
import { SendQueue } from "./send-queue.ts";

/** A connection that records what is sent. */
class Wire implements Connection {
  server = "";
  private readonly window: number;
  private answered = 0;
  readonly given: [ref: string, text: string][] = [];

  constructor(window = 4) {
    this.window = window;
  }

  canPublish(): boolean {
    return this.given.length - this.answered < this.window;
  }

  publish(_stream: string, ref: string, text: string): void {
    this.given.push([ref, text]);
  }

  answer(): void {
    this.answered++;
  }

  subscribe(): void {}
  unsubscribe(): void {}
  close(): void {}
}

function pump(queue: SendQueue, wire: Wire, server: string): void {
  wire.server = server;
  queue.pump("foo", wire);
}

const NEVER = Infinity;

function codeOf(error: unknown): string {
  return error instanceof MaltenError ? error.code : String(error);
}

function acknowledge(queue: SendQueue, wire: Wire, ref: string): void {
  wire.answer();
  queue.answered(ref, { Id: `id of ${ref}`, Created: "1000" });
}

describe("a sent message", () => {
  test("is sent in order, when the connection accepts it", async () => {
    const queue = new SendQueue(new Set());
    const wire = new Wire(2);
    const sent = ["a", "b", "c"].map((text) => queue.add(text, { timeout: NEVER }));
    pump(queue, wire, "one");
    expect(wire.given.map(([, text]) => text)).toEqual(["a", "b"]);
    for (let i = 0; i < 3; i++) {
      acknowledge(queue, wire, wire.given[i]?.[0] ?? "");
      pump(queue, wire, "one");
    }
    expect(wire.given.map(([, text]) => text)).toEqual(["a", "b", "c"]);
    expect((await Promise.all(sent)).map(({ id }) => id)).toEqual(wire.given.map(([ref]) => `id of ${ref}`));
    expect(queue.isEmpty).toBe(true);
    for (const [ref] of wire.given) expect(ref).toMatch(/^.{16,64}$/);
  });

  test("is rejected with the server's reason, or waits for another connection if the server is unable to accept it", async () => {
    const queue = new SendQueue(new Set());
    const wire = new Wire();
    const refused = queue.add("a", { timeout: NEVER });
    const waits = queue.add("b", { timeout: NEVER });
    pump(queue, wire, "one");
    queue.answered(wire.given[0]?.[0] ?? "", new MaltenError("text_control", "no"));
    expect(refused).rejects.toMatchObject({ code: "text_control" });
    queue.answered(wire.given[1]?.[0] ?? "", new MaltenError("shutting_down", "no"));
    queue.lost();
    // No server has it, so any server may be given it.
    const other = new Wire();
    queue.opened("two");
    pump(queue, other, "two");
    acknowledge(queue, other, other.given[0]?.[0] ?? "");
    expect((await waits).created).toBe("1000");
  });

  test("that a server may have accepted is uncertain on another server, even if the first one rejected it the second time", () => {
    const queue = new SendQueue(new Set());
    const sent = queue.add("a", { timeout: NEVER });
    for (let attempt = 0; attempt < 2; attempt++) {
      const wire = new Wire();
      queue.opened("one");
      pump(queue, wire, "one");
      if (attempt === 1) queue.answered(wire.given[0]?.[0] ?? "", new MaltenError("server_changed", "no"));
      queue.lost();
    }
    queue.opened("two");
    expect(sent).rejects.toMatchObject({ code: "uncertain" });
    expect(queue.isEmpty).toBe(true);
  });

  test("after its timeout or abort is not sent", async () => {
    jest.useFakeTimers();
    using _ = { [Symbol.dispose]: () => jest.useRealTimers() };
    const queue = new SendQueue(new Set());
    const wire = new Wire();
    const stop = new AbortController();
    const late = queue.add("late", { timeout: 1 });
    const unwanted = queue.add("unwanted", { timeout: NEVER, signal: stop.signal });
    stop.abort();
    expect(unwanted).rejects.toMatchObject({ code: "aborted" });
    jest.advanceTimersByTime(1);
    expect(await late.catch(codeOf)).toBe("timeout");
    const uncertain = queue.add("uncertain", { timeout: 1 });
    pump(queue, wire, "one");
    jest.advanceTimersByTime(1);
    expect(await uncertain.catch(codeOf)).toBe("uncertain");
    expect(wire.given.map(([, text]) => text)).toEqual(["uncertain"]);
  });
});

describe("own messages", () => {
  test("are waited for no longer than a few seconds on one connection", () => {
    const queue = new SendQueue(new Set());
    void queue.add("a", { timeout: NEVER });
    pump(queue, new Wire(), "one");
    setSystemTime(Date.now() + 3001);
    expect(queue.isOwn("id", "a")).toBe(false);
    queue.lost();
    expect(queue.isOwn("id", "a")).toBeUndefined();
    setSystemTime();
  });

  test("are known by the ids in the answers, even if the caller stopped waiting", async () => {
    const queue = new SendQueue(new Set());
    const wire = new Wire();
    const stop = new AbortController();
    const sent = queue.add("a\r\nb", { timeout: NEVER, signal: stop.signal });
    expect(queue.isOwn("id", "a\nb")).toBe(false);
    pump(queue, wire, "one");
    expect(queue.isOwn("id", "a\nb")).toBeUndefined();
    stop.abort();
    expect(await sent.catch(codeOf)).toBe("aborted");
    expect(queue.isOwn("id", "a\nb")).toBeUndefined();
    const ref = wire.given[0]?.[0] ?? "";
    acknowledge(queue, wire, ref);
    expect(queue.isOwn("id", "a\nb")).toBe(false);
    expect(queue.isOwn(`id of ${ref}`, "a\nb")).toBe(true);
    expect(queue.isEmpty).toBe(true);
  });

  test("may arrive while they wait to be sent again, but not once their outcome is uncertain", () => {
    const queue = new SendQueue(new Set());
    const sent = queue.add("a", { timeout: NEVER });
    pump(queue, new Wire(), "one");
    queue.lost();
    expect(queue.isOwn("id", "a")).toBeUndefined();
    queue.opened("two");
    expect(sent).rejects.toMatchObject({ code: "uncertain" });
    expect(queue.isOwn("id", "a")).toBe(false);
  });

  test("are remembered for the last 8192", () => {
    const own = new Set<string>();
    const queue = new SendQueue(own);
    for (let i = 0; i < 8193; i++) queue.answered("ref", { Id: String(i) });
    expect([own.has("0"), own.has("1"), own.has("8192")]).toEqual([false, true, true]);
  });
});

test("whatever breaks, servers publish each message at most once, in order, and the caller gets its result or `uncertain`", async () => {
  const step = fc.constantFrom("send", "arrive", "answer", "break", "restart");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const queue = new SendQueue(new Set());
      /** What each server has taken, by Ref. */
      const servers = [new Map<string, string>()];
      const outcomes = new Map<string, string>();
      let wire = new Wire();
      let arrived = 0;
      let answered = 0;
      const connect = () => {
        queue.lost();
        [wire, arrived, answered] = [new Wire(), 0, 0];
        queue.opened(`s${servers.length}`);
        pump(queue, wire, `s${servers.length}`);
      };
      const arrive = () => {
        const [ref, text] = wire.given[arrived] ?? [];
        if (ref === undefined || text === undefined) return;
        arrived++;
        servers.at(-1)?.set(ref, text);
      };
      const answer = () => {
        if (answered === arrived) return;
        acknowledge(queue, wire, wire.given[answered++]?.[0] ?? "");
        pump(queue, wire, `s${servers.length}`);
      };
      let count = 0;
      for (const one of steps) {
        if (one === "send") {
          const text = String(count++);
          queue.add(text, { timeout: NEVER }).then(
            () => outcomes.set(text, "sent"),
            (error: unknown) => outcomes.set(text, codeOf(error)),
          );
          pump(queue, wire, `s${servers.length}`);
        } else if (one === "arrive") arrive();
        else if (one === "answer") answer();
        else {
          if (one === "restart") servers.push(new Map());
          connect();
        }
      }
      for (let i = 0; i < 2 * steps.length; i++) {
        arrive();
        answer();
      }
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const taken = servers.flatMap((server) => Array.from(server.values()));
      expect(taken).toEqual(Array.from(new Set(taken)));
      expect(taken.map(Number)).toEqual(taken.map(Number).toSorted((a, b) => a - b));
      expect(outcomes.size).toBe(count);
      for (const [text, outcome] of outcomes) {
        expect(["sent", "uncertain"]).toContain(outcome);
        if (outcome === "sent") expect(taken).toContain(text);
      }
    }),
    { numRuns: 300 },
  );
});
