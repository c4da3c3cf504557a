// The connection is cut at each frame of handshake and conversation.
import { describe, expect, test } from "bun:test";
import { PipeStream, settle, type TestEnd } from "../../../test-support/crypto/pipe-stream.ts";
import { BYTES_PER_FRAME } from "./index.ts";
import { WINDOW } from "./outgoing.ts";

const MINUTE = 60_000;

/** How an end loses a message, and whether the server tells it. */
type Cut = (end: TestEnd) => Promise<void>;

/** A conversation in which `lost` does not reach `victims`. Returns how many messages it had. */
async function converse(
  lost: number,
  cut: Cut,
  isVictim: (end: "opener" | "joiner") => boolean,
): Promise<{ opener: TestEnd; joiner: TestEnd; messages: number }> {
  const stream = new PipeStream();
  const opener = await stream.open();
  const joiner = stream.join();
  const ends = [
    ["opener", opener],
    ["joiner", joiner],
  ] as const;
  const cuts: Promise<void>[] = [];
  for (const [name, end] of ends) {
    if (!isVictim(name)) continue;
    end.filter = (text, index) => (index === lost ? undefined : text);
  }
  /** Delivers everything; an end that has lost something is told when it has received what follows. */
  const deliver = async (): Promise<void> => {
    await settle(opener, joiner);
    if (stream.texts.length <= lost || cuts.length > 0) return;
    for (const [name, end] of ends) if (isVictim(name)) cuts.push(cut(end));
    await Promise.all(cuts);
    await settle(opener, joiner);
  };
  await opener.step(opener.end.start());
  await deliver();
  await opener.step(opener.end.sendText("one"));
  await opener.step(opener.end.sendText("two"));
  await deliver();
  await joiner.step(joiner.end.sendBytes(new Uint8Array(2 * BYTES_PER_FRAME)));
  await deliver();
  stream.now += 5 * MINUTE;
  await opener.step(opener.end.tick());
  await deliver();
  await opener.step(opener.end.sendText("three"));
  await opener.step(opener.end.sendEnd());
  await joiner.step(joiner.end.sendText("four"));
  await deliver();
  await joiner.step(joiner.end.leave());
  await deliver();
  return { opener, joiner, messages: stream.texts.length };
}

function expectWhole({ opener, joiner }: { opener: TestEnd; joiner: TestEnd }): void {
  expect(joiner.received).toEqual(["one", "two", "three", "end"]);
  expect(opener.received).toEqual([BYTES_PER_FRAME, BYTES_PER_FRAME, "four"]);
  expect(opener.events.at(-1)).toEqual({ type: "left", reason: "" });
}

const told: Cut = (end) => end.step(end.end.recover());

describe("the connection is cut at each frame", () => {
  for (const [name, isVictim] of [
    ["of the opener", (end: string) => end === "opener"],
    ["of the joiner", (end: string) => end === "joiner"],
    ["of both", () => true],
  ] as const) {
    test(`${name}: the conversation is the same`, async () => {
      const { messages } = await converse(-1, told, () => false);
      expect(messages).toBeGreaterThan(14);
      for (let lost = 0; lost < messages; lost++) {
        // A joiner to whom the opener's key does not come has nothing to ask with: the opener is told as well, or repeats it.
        const isOne = (end: "opener" | "joiner"): boolean =>
          isVictim(end) || (lost === 0 && end === "opener");
        const run = await converse(lost, told, isOne);
        try {
          // The last frame of one who has left is not repeated: the stream ends or is silent, which a client tells.
          if (run.opener.end.state === "joined" && lost >= messages - 1) continue;
          expectWhole(run);
        } catch (error) {
          throw new Error(`lost ${lost} of ${messages}`, { cause: error });
        }
      }
    }, 30_000);
  }
});

describe("a server that keeps a frame back and does not tell", () => {
  test("is noticed at the next frame, and the frame is asked for", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    const from = stream.texts.length;
    joiner.filter = (text, index) => (index === from + 1 ? undefined : text);
    for (let i = 0; i < 5; i++) await opener.step(opener.end.sendText(`${i}`));
    await settle(opener, joiner);
    expect(joiner.received).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("at both ends is mended as well, though neither can read the other's request", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    const from = stream.texts.length;
    const lose = (text: string, index: number): string | undefined =>
      index === from || index === from + 1 ? undefined : text;
    opener.filter = lose;
    joiner.filter = lose;
    await opener.step(opener.end.sendText("from the opener"));
    await joiner.step(joiner.end.sendText("from the joiner"));
    for (let i = 0; i < 3; i++) {
      await settle(opener, joiner);
      stream.now += 10_000;
      for (const end of [opener, joiner]) await end.step(end.end.tick());
    }
    await settle(opener, joiner);
    expect(joiner.received).toEqual(["from the opener"]);
    expect(opener.received).toEqual(["from the joiner"]);
  });

  test("again and again ends the pipe with a clear message at both ends", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.sendText("held back"));
    const held = stream.texts.at(-1);
    joiner.filter = (text) => (text === held ? undefined : text);
    await opener.step(opener.end.sendText("after it"));
    for (let i = 0; i < 10; i++) {
      await settle(opener, joiner);
      stream.now += 10_000;
      await joiner.step(joiner.end.tick());
    }
    expect(joiner.events.at(-1)).toMatchObject({ type: "failed", code: "missing" });
    await settle(opener, joiner);
    expect(opener.events.at(-1)).toEqual({
      type: "left",
      reason: "Messages of the other end are missing and could not be recovered",
    });
  });
});

describe("an end that is away for long", () => {
  test("costs the other one a bounded number of frames, however often its own connection breaks", async () => {
    const { stream, opener } = await PipeStream.joined();
    await opener.step(opener.end.sendBytes(new Uint8Array(BYTES_PER_FRAME * WINDOW)));
    for (let i = 0; i < 200; i++) await opener.step(opener.end.recover());
    const { frames } = await opener.end.recover();
    expect(frames.length).toBeLessThan(2 * WINDOW);
    expect(new Set(stream.texts).size).toBeLessThan(2 * WINDOW);
  });
});
