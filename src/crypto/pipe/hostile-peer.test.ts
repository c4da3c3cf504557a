// The other end itself may be hostile: it has all keys, and sends what it likes.
import { expect, test } from "bun:test";
import { array, assert, asyncProperty, boolean, constantFrom, record } from "fast-check";
import { utf8, type Bytes } from "../bytes.ts";
import { random } from "../primitives.ts";
import { PipeFailed } from "./failed.ts";
import { fromEnvelope, FrameType, Kind } from "./frame.ts";
import { ENCAPSULATED_BYTES, generateKemKey, PUBLIC_KEY_BYTES } from "./hpke.ts";
import { deriveSession } from "./keys.ts";
import { Outgoing, WINDOW } from "./outgoing.ts";
import { Session, type Step } from "./session.ts";

/** A session, and the sending half of its hostile peer. */
async function attacked(isOpener: boolean): Promise<{ session: Session; peer: Outgoing }> {
  const [join, accept, transcript] = [random(32), random(32), random(32)];
  const secrets = () => deriveSession(join.slice(), accept.slice(), transcript);
  const { id, keys } = await secrets();
  return {
    session: new Session(isOpener, await secrets(), () => 0),
    peer: isOpener
      ? new Outgoing(FrameType.FromJoiner, id, keys.joiner)
      : new Outgoing(FrameType.FromOpener, id, keys.opener),
  };
}

/** Returns whether the session has failed. */
async function receive(session: Session, step: Step, bytes: Bytes): Promise<boolean> {
  try {
    await session.receive(step, bytes);
    return false;
  } catch (error) {
    if (error instanceof PipeFailed) return true;
    throw error;
  }
}

test("whatever a peer sends either is handled or ends the pipe", async () => {
  const payload = record({
    kind: constantFrom(...Object.values(Kind)),
    // Frames that were sent, and one that was not.
    ack: constantFrom(0, 0, 1, 1, 2, 2, 3),
    length: constantFrom(0, 1, 6, 7, 100, ENCAPSULATED_BYTES + 16, PUBLIC_KEY_BYTES),
    offersKey: boolean(),
  });
  const key = await generateKemKey();
  await assert(
    asyncProperty(boolean(), array(payload, { maxLength: 12 }), async (isOpener, payloads) => {
      const { session, peer } = await attacked(isOpener);
      const step: Step = { frames: [], events: [] };
      for (let i = 0; i < 2; i++) await session.send(step, Kind.Ack);
      for (const { kind, ack, length, offersKey } of payloads) {
        const content = kind === Kind.Offer && offersKey ? key.publicKey : random(length);
        const text = await peer.seal({ kind, ack, content });
        if (await receive(session, step, fromEnvelope(text) ?? new Uint8Array())) break;
      }
      expect(step.frames.length).toBeLessThan(100);
      expect(step.events.length).toBeLessThanOrEqual(payloads.length);
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("a peer that sends more than the window ends the pipe", async () => {
  const { session, peer } = await attacked(true);
  const step: Step = { frames: [], events: [] };
  let frames = 0;
  for (let hasFailed = false; !hasFailed; frames++) {
    const text = await peer.seal({ kind: Kind.Bytes, ack: 0, content: new Uint8Array() });
    hasFailed = await receive(session, step, fromEnvelope(text) ?? new Uint8Array());
  }
  expect(frames).toBe(WINDOW + 1);
});

test("a reason to leave contains nothing that a terminal obeys, and is short", async () => {
  const { session, peer } = await attacked(true);
  const step: Step = { frames: [], events: [] };
  const content = utf8(`\u001B[2Jbye\u202E\r\n${"x".repeat(5000)}`);
  const text = await peer.seal({ kind: Kind.Leave, ack: 0, content });
  await session.receive(step, fromEnvelope(text) ?? new Uint8Array());
  expect(step.events).toEqual([{ type: "left", reason: `[2Jbye${"x".repeat(194)}` }]);
});
