// Everyone with the link can write to the stream of a pipe; the server can do whatever it likes to it.
import { describe, expect, test } from "bun:test";
import { PipeStream, settle, type TestEnd } from "../../../test-support/crypto/pipe-stream.ts";
import { concat, utf8 } from "../bytes.ts";
import { random, sha256 } from "../primitives.ts";
import { FrameType, frame, fromEnvelope, toEnvelope } from "./frame.ts";
import { hello } from "./handshake.ts";
import { encapsulate, generateKemKey, PUBLIC_KEY_BYTES } from "./hpke.ts";
import { openPipe } from "./index.ts";

/** Messages of the handshake that are certainly wrong. */
function nonsense(type: FrameType, length: number): string {
  return toEnvelope(frame(type, random(length)));
}

const JOIN_LENGTH = 1120 + 1216 + 16;

async function opened(): Promise<{ stream: PipeStream; opener: TestEnd }> {
  const stream = new PipeStream();
  const opener = await stream.open();
  await opener.step(opener.end.start());
  return { stream, opener };
}

describe("a third", () => {
  test("is refused, and everyone is told", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    const third = stream.join();
    await settle(opener, joiner, third);
    expect(third.end.state).toBe("closed");
    expect(third.events).toMatchObject([{ type: "failed", code: "stolen" }]);
    expect(opener.happened).toEqual(["joined", "refused"]);
    expect(joiner.happened).toEqual(["joined", "refused"]);
    // The conversation goes on.
    await joiner.step(joiner.end.sendText("who was that?"));
    await settle(opener, joiner);
    expect(opener.received).toEqual(["who was that?"]);
  });

  test("is refused before the other end has confirmed, too", async () => {
    const { stream, opener } = await opened();
    const [first, second] = [stream.join(), stream.join()];
    await first.receive();
    await second.receive();
    await settle(opener);
    expect(opener.happened).toEqual(["refused"]);
    await settle(opener, first, second);
    expect(first.happened).toEqual(["joined", "refused"]);
    expect(second.events).toMatchObject([{ type: "failed", code: "stolen" }]);
    expect(opener.happened).toEqual(["refused", "joined"]);
  });

  test("two joining in the same instant, 1,000 times: exactly the first one in the stream gets in", async () => {
    for (let i = 0; i < 1000; i++) {
      const { stream, opener } = await opened();
      const joiners = [stream.join(), stream.join()];
      // Which of them is published first is a race.
      await Promise.all(joiners.map((joiner) => joiner.receive()));
      const ends = i % 2 === 0 ? joiners : joiners.toReversed();
      await settle(opener, ...ends);
      expect(joiners.map((joiner) => joiner.end.state).sort()).toEqual(["closed", "joined"]);
      const [winner, loser] = joiners.sort((a, b) => b.end.state.localeCompare(a.end.state));
      expect(winner?.end.words).toEqual(opener.end.words);
      expect(loser?.events).toMatchObject([{ type: "failed", code: "stolen" }]);
      expect(opener.happened.sort()).toEqual(["joined", "refused"]);
    }
  }, 120_000);

  test("cannot refuse someone without having joined", async () => {
    const { stream, opener } = await opened();
    const joiner = stream.join();
    await joiner.receive();
    const join = fromEnvelope(stream.texts[1] ?? "") ?? new Uint8Array();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", join));
    stream.publish(toEnvelope(frame(FrameType.Refuse, hash, random(32))));
    await settle(joiner);
    expect(joiner.end.state).toBe("joining");
    await settle(opener, joiner);
    expect(joiner.end.state).toBe("joined");
  });
});

test.each([0, 255])("someone who joins with a public key that is none (%d) does not get in", async (byte) => {
  const secret = random(32);
  const { end } = await openPipe({ stream: "~pipe", secret, now: () => 0 });
  const [text = ""] = (await end.start()).frames;
  const envelope = fromEnvelope(text) ?? new Uint8Array();
  const context = concat(await sha256(utf8("~pipe")), await sha256(envelope));
  const noKey = new Uint8Array(PUBLIC_KEY_BYTES).fill(byte);
  const input = { psk: secret, label: "pipe join", context };
  const { encapsulated, ciphertext } = await encapsulate(envelope.slice(1), input, noKey);
  const join = toEnvelope(frame(FrameType.Join, encapsulated, ciphertext));
  expect(await end.receive(join)).toEqual({ frames: [], events: [] });
  expect(end.state).toBe("waiting");
});

describe("someone in the middle who has the link", () => {
  test("cannot pass as the opener: another key is not the one in the link", async () => {
    const { stream, opener } = await opened();
    // The server shows the joiner only what the one in the middle sends.
    stream.texts.splice(0, 1, toEnvelope(hello(await generateKemKey())));
    const joiner = stream.join();
    await settle(joiner);
    expect(joiner.end.state).toBe("waiting");
    expect(opener.end.state).toBe("waiting");
  });

  test("that passes on the opener's key cannot read what it is answered", async () => {
    const { stream } = await opened();
    const middle = stream.join();
    const joiner = stream.join();
    await middle.receive();
    await joiner.receive();
    // It answers the join as well as it can: with random bytes, and with the opener's answer to itself.
    stream.publish(nonsense(FrameType.Accept, 32 + 1120 + 16));
    await settle(joiner);
    expect(joiner.end.state).toBe("joining");
    expect(joiner.end.words).toEqual([]);
  });

  test("and joins as the other end has other words than whoever the link was for, who is refused", async () => {
    const { stream, opener } = await opened();
    const middle = stream.join();
    await settle(opener, middle);
    const joiner = stream.join();
    await settle(opener, middle, joiner);
    expect(joiner.end.words).toEqual([]);
    expect(joiner.events).toMatchObject([{ type: "failed", code: "stolen" }]);
    expect(opener.happened).toEqual(["joined", "refused"]);
  });

  test("and passes everything on between two pipes has other words with each end", async () => {
    const [one, other] = [await PipeStream.joined(), await PipeStream.joined()];
    // With the opener it joined itself; for the rightful joiner it opened another pipe.
    expect(one.opener.end.words).toHaveLength(6);
    expect(one.opener.end.words).not.toEqual(other.joiner.end.words);
  });

  test("without the secret of the link nobody joins, and nobody is told", async () => {
    const { stream, opener } = await opened();
    const stranger = stream.join({ secret: random(32) });
    await settle(opener, stranger);
    expect(stranger.end.state).toBe("joining");
    expect(opener.end.state).toBe("waiting");
    expect(opener.events).toEqual([]);
    const rightful = stream.join();
    await settle(opener, stranger, rightful);
    expect(rightful.end.words).toEqual(opener.end.words);
  });

  test("nobody joins another stream's pipe", async () => {
    const { stream, opener } = await opened();
    const elsewhere = stream.join({ stream: "~other" });
    await settle(opener, elsewhere);
    expect(opener.end.state).toBe("waiting");
  });
});

describe("a hostile server", () => {
  test("that replays everything changes nothing", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.sendText("once"));
    await settle(opener, joiner);
    for (const text of stream.texts.slice()) stream.publish(text);
    await settle(opener, joiner);
    expect(joiner.received).toEqual(["once"]);
    expect(joiner.happened).toEqual(["joined"]);
    expect(opener.happened).toEqual(["joined"]);
  });

  test("cannot bring back someone who left by replaying the join", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await joiner.step(joiner.end.leave());
    await settle(opener);
    for (const text of stream.texts.slice()) stream.publish(text);
    await settle(opener);
    expect(opener.end.state).toBe("left");
  });

  test("an altered bit anywhere in a frame is refused, and the frame that was sent is still taken", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.sendText("intact"));
    const bytes = fromEnvelope(stream.texts.at(-1) ?? "") ?? new Uint8Array();
    const sent = stream.texts.pop() ?? "";
    for (let i = 0; i < bytes.length; i++) {
      const altered = bytes.slice();
      altered[i] = (altered[i] ?? 0) ^ (1 << (i % 8));
      stream.texts.push(toEnvelope(altered));
    }
    stream.texts.push(sent);
    await settle(joiner);
    expect(joiner.received).toEqual(["intact"]);
    expect(joiner.happened).toContain("warning");
  });

  test("that sends a frame back to its sender is ignored", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.sendText("mine"));
    const bytes = fromEnvelope(stream.texts.at(-1) ?? "") ?? new Uint8Array();
    bytes[0] = FrameType.FromJoiner;
    stream.publish(toEnvelope(bytes));
    await settle(opener, joiner);
    expect(opener.received).toEqual([]);
  });

  test("that floods the opener with joins ends the pipe with a clear message, and costs a bounded number of tries", async () => {
    const { stream, opener } = await opened();
    for (let i = 0; i < 100; i++) {
      stream.publish(nonsense(FrameType.Join, JOIN_LENGTH));
    }
    await settle(opener);
    expect(opener.events).toMatchObject([{ type: "failed", code: "flooded" }]);
  });

  test("that floods ends which have joined does not end their conversation", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    for (let i = 0; i < 100; i++) {
      for (const type of Object.values(FrameType)) {
        stream.publish(nonsense(type, type === FrameType.Join ? JOIN_LENGTH : 100));
      }
    }
    await settle(opener, joiner);
    await opener.step(opener.end.sendText("still here"));
    await settle(opener, joiner);
    expect(joiner.received).toEqual(["still here"]);
  });

  test("that claims a far number cannot make an end search for it", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    const bytes = fromEnvelope(stream.texts.at(-1) ?? "") ?? new Uint8Array();
    for (const header of [
      [0xf0, 255, 255, 255, 255, 255, 255, 255, 255],
      [0x80, 255],
    ]) {
      const far = frame(FrameType.FromOpener, bytes.slice(1, 9), new Uint8Array(header), random(300));
      stream.publish(toEnvelope(far));
    }
    await settle(opener, joiner);
    expect(joiner.happened).toEqual(["joined"]);
  });

  test("that pretends that frames are missing costs one check in a second, and hides no hole", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.sendText("kept back"));
    const kept = stream.texts.pop() ?? "";
    const id = (fromEnvelope(kept) ?? new Uint8Array()).slice(1, 9);
    for (let i = 0; i < 1000; i++) {
      // Number 255, which is far ahead, but not too far to look for.
      const stranger = frame(FrameType.FromOpener, id, new Uint8Array([0x80, 255]), random(300));
      stream.publish(toEnvelope(stranger));
    }
    await opener.step(opener.end.sendText("shows the hole"));
    await settle(joiner, opener);
    expect(joiner.received).toEqual([]);
    stream.now += 10_000;
    await joiner.step(joiner.end.tick());
    await settle(joiner, opener);
    expect(joiner.received).toEqual(["kept back", "shows the hole"]);
  });

  test("that fills the stream with altered frames is warned of once in ten seconds", async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    await opener.step(opener.end.sendText("original"));
    const bytes = fromEnvelope(stream.texts.at(-1) ?? "") ?? new Uint8Array();
    stream.texts.pop();
    for (let i = 0; i < 50; i++) stream.texts.push(toEnvelope(Uint8Array.from([...bytes.slice(0, -1), i])));
    await settle(joiner);
    expect(joiner.happened).toEqual(["joined", "warning"]);
  });
});
