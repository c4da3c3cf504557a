import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Connection } from "./connection.ts";
import { MaltenError } from "./error.ts";
import { Outbox } from "./outbox.ts";

/** A connection that takes down what it is given. */
class Wire implements Connection {
  readonly window: number;
  readonly given: [ref: string, text: string][] = [];

  constructor(window = 4) {
    this.window = window;
  }

  publish(ref: string, text: string): void {
    this.given.push([ref, text]);
  }

  listen(): void {}
  pause(): void {}
  close(): void {}
}

const NEVER = 1_000_000;

function codeOf(error: unknown): string {
  return error instanceof MaltenError ? error.code : String(error);
}

function acknowledge(outbox: Outbox, ref: string): void {
  outbox.answered(ref, { Id: `id of ${ref}`, Created: "1000" });
}

describe("what is sent", () => {
  test("goes out in order, no more at once than the connection takes", async () => {
    const outbox = new Outbox();
    const wire = new Wire(2);
    const sent = ["a", "b", "c"].map((text) => outbox.add(text, NEVER, undefined));
    outbox.pump(wire, "one");
    expect(wire.given.map(([, text]) => text)).toEqual(["a", "b"]);
    for (let i = 0; i < 3; i++) {
      acknowledge(outbox, wire.given[i]?.[0] ?? "");
      outbox.pump(wire, "one");
    }
    expect(wire.given.map(([, text]) => text)).toEqual(["a", "b", "c"]);
    expect((await Promise.all(sent)).map(({ id }) => id)).toEqual(wire.given.map(([ref]) => `id of ${ref}`));
    expect(outbox.isEmpty).toBe(true);
    for (const [ref] of wire.given) expect(ref).toMatch(/^.{16,64}$/);
  });

  test("is refused with the server's reason, and waits for another where the server only cannot take it", async () => {
    const outbox = new Outbox();
    const wire = new Wire();
    const refused = outbox.add("a", NEVER, undefined);
    const waits = outbox.add("b", NEVER, undefined);
    outbox.pump(wire, "one");
    outbox.answered(wire.given[0]?.[0] ?? "", new MaltenError("text_control", "no"));
    expect(refused).rejects.toMatchObject({ code: "text_control" });
    outbox.answered(wire.given[1]?.[0] ?? "", new MaltenError("shutting_down", "no"));
    outbox.lost();
    // Nobody has it, so it may be given to any other.
    const other = new Wire();
    outbox.opened("two");
    outbox.pump(other, "two");
    acknowledge(outbox, other.given[0]?.[0] ?? "");
    expect((await waits).created).toBe("1000");
  });

  test("that may have been taken is uncertain to whoever does not know its Ref, also if that one refuses it", () => {
    const outbox = new Outbox();
    const sent = outbox.add("a", NEVER, undefined);
    for (let attempt = 0; attempt < 2; attempt++) {
      const wire = new Wire();
      outbox.opened("one");
      outbox.pump(wire, "one");
      if (attempt === 1) outbox.answered(wire.given[0]?.[0] ?? "", new MaltenError("server_changed", "no"));
      outbox.lost();
    }
    outbox.opened("two");
    expect(sent).rejects.toMatchObject({ code: "uncertain" });
    expect(outbox.isEmpty).toBe(true);
  });

  test("too late, or no longer wanted, is not sent", async () => {
    const outbox = new Outbox();
    const wire = new Wire();
    const stop = new AbortController();
    const late = outbox.add("late", 1, undefined);
    const unwanted = outbox.add("unwanted", NEVER, stop.signal);
    stop.abort();
    expect(unwanted).rejects.toMatchObject({ code: "aborted" });
    expect(await late.catch(codeOf)).toBe("timeout");
    const uncertain = outbox.add("uncertain", 1, undefined);
    outbox.pump(wire, "one");
    expect(await uncertain.catch(codeOf)).toBe("uncertain");
    expect(wire.given.map(([, text]) => text)).toEqual(["uncertain"]);
  });
});

test("whatever breaks, a server takes each message once, in order, and its sender is told so or that it is uncertain", async () => {
  const step = fc.constantFrom("send", "arrive", "answer", "break", "restart");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const outbox = new Outbox();
      /** What each server has taken, by Ref. */
      const servers = [new Map<string, string>()];
      const outcomes = new Map<string, string>();
      let wire = new Wire();
      let arrived = 0;
      let answered = 0;
      const connect = () => {
        outbox.lost();
        [wire, arrived, answered] = [new Wire(), 0, 0];
        outbox.opened(`s${servers.length}`);
        outbox.pump(wire, `s${servers.length}`);
      };
      const arrive = () => {
        const [ref, text] = wire.given[arrived] ?? [];
        if (ref === undefined || text === undefined) return;
        arrived++;
        servers.at(-1)?.set(ref, text);
      };
      const answer = () => {
        if (answered === arrived) return;
        acknowledge(outbox, wire.given[answered++]?.[0] ?? "");
        outbox.pump(wire, `s${servers.length}`);
      };
      let count = 0;
      for (const one of steps) {
        if (one === "send") {
          const text = String(count++);
          outbox.add(text, NEVER, undefined).then(
            () => outcomes.set(text, "sent"),
            (error: unknown) => outcomes.set(text, codeOf(error)),
          );
          outbox.pump(wire, `s${servers.length}`);
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
