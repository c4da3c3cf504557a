// Any sequence of requests about two sealed streams, compared with a model that knows who may do what.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { envelope, RIGHTS, sealedStream } from "../../test-support/access-tokens.ts";
import { TestApp } from "../../test-support/server.ts";
import type { WireMessage } from "../protocol/message.ts";

/** Seconds. */
const TTL = 1024;
const SHORT_TTL = 10;

const STREAMS = [sealedStream("one"), sealedStream("two")] as const;
const ENVELOPES = [envelope(4), envelope(600), envelope(8192)];

/** Index of a stream; undefined: without a token. */
const stream = fc.constantFrom(0, 1);
const proof = fc.record({
  of: fc.option(stream, { freq: 5 }),
  right: fc.constantFrom(...RIGHTS),
});

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("publish" as const), text: fc.nat(3), stream, proof }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), stream, proof }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("create" as const), stream, proof }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("end" as const), stream, proof }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: TTL }) }),
  },
);

interface ModelStream {
  readonly ttl: number;
  readonly texts: string[];
  /** By the clock of the test, in milliseconds. */
  expires: number;
}

test("each request does what its proof allows, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const app = new TestApp({ ttl: TTL });
      const model = new Map<number, ModelStream>();
      const now = () => app.clock.monotonic();
      const found = (index: number) => {
        if ((model.get(index)?.expires ?? 0) <= now()) model.delete(index);
        return model.get(index);
      };
      for (const one of actions) {
        if (one.kind === "pass") {
          app.clock.advance(one.seconds * 1000);
          continue;
        }
        const { of, right } = one.proof;
        const { name } = STREAMS[one.stream] ?? STREAMS[0];
        const token = of === null ? undefined : STREAMS[of]?.tokens[right];
        const may = (needed: (typeof RIGHTS)[number]) =>
          of === one.stream && RIGHTS.indexOf(right) >= RIGHTS.indexOf(needed);
        const ask = (method: string, target: string) =>
          app.request(`${target}stream=${name}`, {
            method,
            headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
          });
        const known = found(one.stream);
        switch (one.kind) {
          case "publish": {
            const text = ENVELOPES[one.text];
            const { status } = await ask("POST", `/messages?text=${text ?? "hello"}&`);
            expect(status).toBe(!may("writer") ? 404 : text === undefined ? 400 : 201);
            if (status !== 201 || text === undefined) break;
            const { ttl = TTL, texts = [] } = known ?? {};
            model.set(one.stream, { ttl, texts: [...texts, text], expires: now() + ttl * 1000 });
            break;
          }
          case "read": {
            const response = await ask("GET", "/messages?limit=1024&");
            expect(response.status).toBe(may("reader") ? 200 : 404);
            if (response.status !== 200) break;
            const texts = ((await response.json()) as WireMessage[]).map(({ Text }) => Text);
            expect(texts).toEqual(known?.texts ?? []);
            break;
          }
          case "create": {
            const { status } = await ask("POST", `/streams?ttl=${SHORT_TTL}&`);
            expect(status).toBe(!may("owner") ? 404 : known === undefined ? 201 : 409);
            if (status === 201)
              model.set(one.stream, { ttl: SHORT_TTL, texts: [], expires: now() + SHORT_TTL * 1000 });
            break;
          }
          case "end": {
            const { status } = await ask("DELETE", "/streams?");
            expect(status).toBe(may("owner") && known !== undefined ? 204 : 404);
            if (status === 204) model.delete(one.stream);
          }
        }
        expect(await (await app.request("/streams")).text()).toBe("{}");
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);
