import { describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, constantFrom, nat, tuple } from "fast-check";
import { PipeStream, settle, type TestEnd } from "../../../test-support/crypto/pipe-stream.ts";
import { BYTES_PER_FRAME } from "./index.ts";
import { WINDOW } from "./outgoing.ts";

const MINUTE = 60_000;
const MAX_VALUE = 40_000;

type Action = (end: TestEnd, value: number, sent: (string | number)[]) => Promise<void>;

const ACTIONS = {
  text: async (end, value, sent) => {
    if (end.end.capacity === 0) return;
    sent.push(`${value}`);
    await end.step(end.end.sendText(`${value}`));
  },
  bytes: async (end, value, sent) => {
    const length = Math.min(value, end.end.capacity * BYTES_PER_FRAME);
    for (let at = 0; at < length; at += BYTES_PER_FRAME) sent.push(Math.min(BYTES_PER_FRAME, length - at));
    await end.step(end.end.sendBytes(new Uint8Array(length)));
  },
  deliver: async (end, value) => {
    for (let i = value % 12; i > 0 && end.isBehind; i--) await end.receive();
  },
  lose: async (end, value) => {
    const { filter } = end;
    end.filter = () => {};
    for (let i = value % 5; i > 0 && end.isBehind; i--) await end.receive();
    end.filter = filter;
    await end.step(end.end.recover());
  },
  loseSilently: async (end) => {
    if (!end.isBehind) return;
    const { filter } = end;
    end.filter = () => {};
    await end.receive();
    end.filter = filter;
  },
  take: (end, value) => end.take(Math.min(value % 300, end.waiting)),
  replay: async ({ stream }, value) => {
    const text = stream.texts[value % stream.texts.length] ?? "";
    stream.publish(text);
    await Promise.resolve();
  },
  later: async (end, value) => {
    end.stream.now += value % (9 * MINUTE);
    await end.step(end.end.tick());
  },
} satisfies Record<string, Action>;

/** Most of what happens is sending and receiving. */
const actions = constantFrom(
  ...Object.values<Action>(ACTIONS),
  ACTIONS.text,
  ACTIONS.text,
  ACTIONS.bytes,
  ACTIONS.deliver,
  ACTIONS.deliver,
  ACTIONS.deliver,
);

/** The server tells that messages may be missing. */
async function endTold(...ends: TestEnd[]): Promise<void> {
  for (const end of ends) await end.step(end.end.recover());
  await settle(...ends);
}

/** What is lost shows only by what follows, and by time. */
async function endUntold(...ends: TestEnd[]): Promise<void> {
  for (let i = 0; i < 12; i++) {
    for (const end of ends) {
      end.stream.now += 10_000;
      await end.step(end.end.tick());
    }
    await settle(...ends);
  }
}

describe("whatever is sent, lost, delayed and repeated", () => {
  test.each([
    ["the ends are told", endTold],
    ["nobody tells", endUntold],
  ])(
    "each end receives what the other one sent, once and in order: %s",
    async (_, finish) => {
      const plan = array(tuple(actions, nat(1), nat(MAX_VALUE)), { maxLength: 60 });
      await assert(
        asyncProperty(plan, async (steps) => {
          const { opener, joiner } = await PipeStream.joined();
          const sides = [opener, joiner].map((end) => ({ end, sent: [] as (string | number)[] }));
          for (const { end } of sides) end.takes = false;
          for (const [action, index, value] of steps) {
            const side = sides[index];
            if (side === undefined) continue;
            await action(side.end, value, side.sent);
            expect(side.end.waiting).toBeLessThanOrEqual(WINDOW);
          }
          for (const { end } of sides) {
            end.takes = true;
            await end.take(end.waiting);
          }
          await finish(opener, joiner);
          expect([joiner.received, opener.received]).toEqual(sides.map(({ sent }) => sent));
          expect([opener.end.state, joiner.end.state]).toEqual(["joined", "joined"]);
        }),
        { numRuns: 60 },
      );
    },
    600_000,
  );
});
