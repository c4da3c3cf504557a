import { describe, expect, test } from "bun:test";
import { PipeStream, settle } from "../../../test-support/crypto/pipe-stream.ts";
import { BYTES_PER_FRAME } from "./index.ts";
import { WINDOW } from "./outgoing.ts";

const MINUTE = 60_000;

describe("a pipe", () => {
  test("carries texts, bytes and their end, both ways, and has the same six words at both ends", async () => {
    const { opener, joiner } = await PipeStream.joined();
    expect(opener.end.words).toHaveLength(6);
    expect(joiner.end.words).toEqual(opener.end.words);
    await opener.step(opener.end.sendText("hello"));
    await joiner.step(joiner.end.sendText("\u{1F44B}".repeat(1024)));
    await opener.step(opener.end.sendBytes(new Uint8Array(BYTES_PER_FRAME + 1)));
    await opener.step(opener.end.sendEnd());
    await settle(opener, joiner);
    expect(joiner.received).toEqual(["hello", BYTES_PER_FRAME, 1, "end"]);
    expect(opener.received).toEqual(["\u{1F44B}".repeat(1024)]);
    expect(opener.end.isDelivered).toBe(true);
  });

  test("every frame is an envelope of the size of a few", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    for (const text of ["", "a".repeat(200), "a".repeat(1000), "\u{1F44B}".repeat(1024)]) {
      await opener.step(opener.end.sendText(text));
    }
    await opener.step(opener.end.sendBytes(new Uint8Array(1)));
    await opener.step(opener.end.sendBytes(new Uint8Array(BYTES_PER_FRAME)));
    await settle(opener, joiner);
    const sizes = stream.texts.slice(-6).map((text) => text.length);
    expect(sizes[0]).toBe(sizes[1] ?? 0);
    expect(sizes[4]).toBe(sizes[5] ?? 0);
    expect(Math.max(...stream.texts.map((text) => text.length))).toBeLessThanOrEqual(8192);
  });

  test("the window is bounded, and opens as the other end takes what it received", async () => {
    const { opener, joiner } = await PipeStream.joined();
    joiner.takes = false;
    const chunk = new Uint8Array(BYTES_PER_FRAME * WINDOW);
    await opener.step(opener.end.sendBytes(chunk));
    await settle(opener, joiner);
    expect(opener.end.capacity).toBe(0);
    expect(() => opener.end.sendText("a".repeat(4097))).toThrow(RangeError);
    expect(opener.end.sendText("too much")).rejects.toThrow(RangeError);
    await joiner.take(WINDOW / 2);
    await settle(opener, joiner);
    expect(opener.end.capacity).toBe(WINDOW / 2);
    expect(joiner.waiting).toBe(WINDOW / 2);
  });

  test("acknowledgements are not acknowledged", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    for (let i = 0; i < 20; i++) {
      await opener.step(opener.end.sendBytes(new Uint8Array(BYTES_PER_FRAME * 64)));
      await settle(opener, joiner);
    }
    // Hello, join, accept, confirmation; the data; one acknowledgement in 64, and the opener's key, repeated.
    expect(stream.texts.length).toBeLessThanOrEqual(4 + 20 * 64 + 20 + 6);
  });

  test("who leaves says why, and the opener admits the next one: with other words", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    const words = opener.end.words;
    await joiner.step(joiner.end.leave("reloaded"));
    await settle(opener);
    expect(joiner.end.state).toBe("closed");
    expect(opener.end.state).toBe("left");
    expect(opener.events.at(-1)).toEqual({ type: "left", reason: "reloaded" });
    const again = stream.join();
    await settle(opener, again);
    expect(opener.events.at(-1)).toEqual({ type: "joined", words: again.end.words, again: true });
    expect(opener.end.words).not.toEqual(words);
    await opener.step(opener.end.sendText("welcome back"));
    await settle(opener, again);
    expect(again.received).toEqual(["welcome back"]);
  });

  test("the opener's leave closes the joiner", async () => {
    const { opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.leave());
    await settle(opener, joiner);
    expect(joiner.events.at(-1)).toEqual({ type: "left", reason: "" });
    expect(joiner.end.state).toBe("closed");
    expect(opener.end.sendText("late")).rejects.toThrow(RangeError);
  });

  test("keys are renewed every five minutes, in turn, while messages cross", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    for (let i = 0; i < 6; i++) {
      stream.now += 5 * MINUTE;
      await opener.step(opener.end.sendText(`before ${i}`));
      await joiner.step(joiner.end.sendText(`before ${i}`));
      for (const end of [opener, joiner]) await end.step(end.end.tick());
      await opener.step(opener.end.sendText(`after ${i}`));
      await joiner.step(joiner.end.sendText(`after ${i}`));
      await settle(opener, joiner);
    }
    const expected = Array.from({ length: 6 }, (_, i) => [`before ${i}`, `after ${i}`]).flat();
    expect(joiner.received).toEqual(expected);
    expect(opener.received).toEqual(expected);
  });

  test("a joiner finds the opener's key also in a long history", async () => {
    const stream = new PipeStream();
    const opener = await stream.open();
    await opener.step(opener.end.start());
    for (let i = 0; i < 1024; i++) stream.publish(`stranger ${i}`);
    await settle(opener);
    // What a stream keeps.
    stream.texts.splice(0, stream.texts.length - 1024);
    const joiner = stream.join();
    // The opener goes on where it was.
    opener.filter = (text) => text;
    await settle(joiner);
    expect(joiner.end.state).toBe("joining");
  });

  test("a join that is not confirmed within a minute makes room for another one", async () => {
    const stream = new PipeStream();
    const opener = await stream.open();
    await opener.step(opener.end.start());
    const vanished = stream.join();
    await vanished.receive();
    await settle(opener);
    expect(opener.end.state).toBe("joining");
    stream.now += MINUTE;
    await opener.step(opener.end.tick());
    expect(opener.end.state).toBe("waiting");
    const joiner = stream.join();
    await settle(opener, joiner);
    expect(opener.events).toEqual([{ type: "joined", words: joiner.end.words, again: false }]);
    // The first one was only late.
    await settle(vanished);
    expect(vanished.events.at(-1)).toEqual({ type: "left", reason: "This end did not answer in time" });
  });

  test("the opener can give up an end that lost its keys, and admit it anew", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.admit());
    expect(opener.end.state).toBe("waiting");
    const reloaded = stream.join();
    await settle(opener, reloaded, joiner);
    expect(opener.events.at(-1)).toEqual({ type: "joined", words: reloaded.end.words, again: true });
    expect(joiner.end.state).toBe("closed");
  });

  test("who leaves before the other end has confirmed tells it", async () => {
    const stream = new PipeStream();
    const opener = await stream.open();
    await opener.step(opener.end.start());
    const joiner = stream.join();
    await joiner.receive();
    await settle(opener);
    await opener.step(opener.end.leave("changed my mind"));
    await settle(joiner);
    expect(joiner.happened).toEqual(["joined", "left"]);
  });
});
