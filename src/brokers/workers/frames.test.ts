import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { FOREIGN } from "../../protocol/cursor.ts";
import { STATUSES } from "../../protocol/presence.ts";
import { splitFrames } from "./fields.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { decodeMainFrame, encodeMainFrame, type MainFrame } from "./main-frames.ts";
import { decodeWorkerFrame, encodeWorkerFrame, type WorkerFrame } from "./worker-frames.ts";

const id = fc.integer({ min: 1, max: 2 ** 53 - 1 });
const count = fc.nat();
const stream = fc.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/);
const cursor = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 53 - 1 }), fc.constant(FOREIGN));
const payer = fc.option(fc.constantFrom("192.0.2.1", "2001:db8::/64", "proxied"), { nil: undefined });
/** What clients choose: any string, but no lone surrogate. */
const anything = fc.string({ unit: "binary" });
const escaped = anything.map((text) => JSON.stringify(text).slice(1, -1)).filter((text) => text !== "");
const content = fc.oneof(
  escaped,
  fc.tuple(escaped, escaped).map(([name, text]) => `\u001f${name}\u001f${text}`),
);
const json = fc.json();
const person = fc.record({
  Name: anything.filter((name) => name !== ""),
  Status: fc.constantFrom(...STATUSES),
});
const ref = fc.option(
  anything.filter((text) => text !== ""),
  { nil: undefined },
);
const ttl = fc.integer({ min: 1, max: 604_800 });
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const query = fc.oneof(
  fc.record({
    kind: fc.constant("newest" as const),
    order: fc.constantFrom("oldest first" as const, "newest first" as const),
    limit: count,
  }),
  fc.record({ kind: fc.constantFrom("after" as const, "before" as const), cursor, limit: count }),
  fc.record({ kind: fc.constant("one" as const), id: anything }),
);

const of = <K extends string>(kind: K) => fc.constant(kind);

const workerFrames: fc.Arbitrary<WorkerFrame> = fc.oneof(
  fc.record({ kind: of("publish"), id, stream, ref, payer, content }),
  fc.record({ kind: of("subscribe"), id, stream }),
  fc.record({ kind: of("presence"), id, stream }),
  fc.record({ kind: of("unsubscribe"), stream }),
  fc.record({ kind: of("page"), id, stream, query }),
  fc.record({ kind: of("replay"), id, stream, cursor, limit: count }),
  fc.record({ kind: of("list"), id, limit: count, prefix: fc.oneof(of(""), stream) }),
  fc.record({
    kind: of("create"),
    id,
    name: optional(stream),
    private: fc.boolean(),
    ttl: optional(ttl),
    payer,
  }),
  fc.record({ kind: of("end"), id, stream, owner: optional(anything) }),
  fc.record({ kind: of("person"), stream, key: count, person: optional(person) }),
  fc.record({ kind: of("announce"), stream, count }),
  fc.record({ kind: of("control"), json }),
);

const problem = fc.record({
  code: fc.constantFrom("memory_full" as const, "rate_limited" as const, "internal" as const),
  detail: anything,
  retryAfter: optional(count),
});

const mainFrames: fc.Arbitrary<MainFrame> = fc.oneof(
  fc.record({ kind: of("published"), id, created: cursor }),
  fc.record({
    kind: of("position"),
    id,
    position: fc.record({ cursor, ttl, left: optional(fc.double({ min: 0, noNaN: true })), count }),
  }),
  fc.record({
    kind: of("messages"),
    id,
    cursor,
    gap: optional(fc.record({ from: cursor, to: cursor })),
    entries: fc.array(fc.record({ created: cursor, content })),
  }),
  fc.record({
    kind: of("listed"),
    id,
    streams: fc.array(fc.record({ name: stream, id: stream, updated: cursor, ttl, observers: count })),
  }),
  fc.record({
    kind: of("stream"),
    id,
    stream: fc.record({ name: stream, private: fc.boolean(), ttl, owner: optional(stream) }),
  }),
  fc.record({ kind: of("done"), id }),
  fc.record({
    kind: of("people"),
    id,
    presence: fc.record({
      Stream: stream,
      Created: fc.constant("1795363701902393000"),
      Observers: count,
      People: fc.array(person),
      More: count,
    }),
  }),
  fc.record({ kind: of("problem"), id, problem }),
  fc.record({ kind: of("message"), stream, created: cursor, previous: optional(cursor), content }),
  fc.record({ kind: of("resumed"), stream, position: cursor }),
  fc.record({ kind: of("created"), stream, ttl }),
  fc.record({ kind: of("expiring"), stream, seconds: count }),
  fc.record({ kind: of("ended"), stream, reason: fc.constantFrom("idle" as const, "owner" as const) }),
  fc.record({ kind: of("event"), stream, json }),
  fc.record({ kind: of("control"), json }),
);

test("frames of a worker arrive as they were sent, whatever clients chose", () => {
  fc.assert(
    fc.property(fc.array(workerFrames), (frames) => {
      const batch = Buffer.from(frames.map(encodeWorkerFrame).join("")).toString();
      expect(splitFrames(batch).map(decodeWorkerFrame)).toEqual(frames);
    }),
  );
});

test("frames of the main process arrive as they were sent, whatever clients chose", () => {
  fc.assert(
    fc.property(fc.array(mainFrames), (frames) => {
      const batch = Buffer.from(frames.map(encodeMainFrame).join("")).toString();
      expect(splitFrames(batch).map(decodeMainFrame)).toEqual(frames);
    }),
  );
});

test("frames are found in pieces of any size", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(mainFrames), sizes, (frames, pieces) => {
      const bytes = Buffer.from(frames.map(encodeMainFrame).join(""));
      const splitter = new FrameSplitter();
      const found: string[] = [];
      for (let start = 0, i = 0; start < bytes.length; i++) {
        const size = pieces[i % pieces.length] ?? 1;
        // Overwritten, as the runtime does.
        const piece = Buffer.from(bytes.subarray(start, start + size));
        found.push(...splitter.push(piece));
        piece.fill(0);
        start += size;
      }
      expect(found.map(decodeMainFrame)).toEqual(frames);
    }),
  );
});

test("unknown frames are errors", () => {
  for (const decode of [decodeMainFrame, decodeWorkerFrame])
    for (const line of ["", "?", "unknown\t1"]) expect(() => decode(line)).toThrow();
});
