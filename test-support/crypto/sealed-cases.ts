// Sealed messages: what comes out, and what is noticed.
import { fromBase64url, toBase64url, type Bytes } from "../../src/crypto/bytes.ts";
import { SealedReceiver, type Finding, type Received } from "../../src/crypto/sealed-receiver.ts";
import { SealedSender } from "../../src/crypto/sealed-sender.ts";
import { createSecrets, deriveKeys, type StreamKeys } from "../../src/crypto/secrets.ts";
import { isEnvelope } from "../../src/protocol/envelope.ts";
import { equal, refusal } from "./check.ts";

function newStream(): Promise<StreamKeys> {
  return deriveKeys(createSecrets());
}

/** The receiver of someone who has the link for readers. */
async function readerOf(owner: StreamKeys, isComplete = false): Promise<SealedReceiver> {
  return new SealedReceiver(await deriveKeys(owner.secrets.reader), { isComplete });
}

/** The findings as `code` or `code count`. */
function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code, count }) => (count === undefined ? code : `${code} ${count}`));
}

/** Receives texts and returns what each gives: the text of the message if any, and what was found. */
async function receive(receiver: SealedReceiver, ...texts: string[]): Promise<string[]> {
  const all = await Promise.all(texts.map((text) => receiver.receive(text)));
  return all.map(({ message, findings }) => [message?.text ?? "-", ...codes(findings)].join(", "));
}

async function seal(sender: SealedSender, ...texts: string[]): Promise<string[]> {
  const sealed = await Promise.all(texts.map((text) => sender.seal(text)));
  return sealed.map(({ text }) => text);
}

function bytesOf(envelope: string): Bytes {
  return fromBase64url(envelope.slice(3)) ?? new Uint8Array();
}

export const SEALED_CASES: Record<string, () => void | Promise<void>> = {
  "sealed: texts and names of any length and script come back": async () => {
    const stream = await newStream();
    const [sender, receiver] = [await SealedSender.create(stream), await readerOf(stream)];
    const texts = [
      "a",
      "\ufeffé\n",
      "x".repeat(180),
      "x".repeat(181),
      "x".repeat(1024),
      "\u{1f980}".repeat(1024),
    ];
    const lengths: number[] = [];
    for (const [counter, text] of texts.entries()) {
      const name = [undefined, "Ada", "\u{1f980}".repeat(32)][counter % 3];
      const sealed = await sender.seal(text, { name });
      equal([isEnvelope(sealed.text), sealed.counter], [true, counter]);
      lengths.push(sealed.text.length);
      const { message, findings } = await receiver.receive(sealed.text);
      equal(message, { text, name, counter, sender: { id: sender.id, isNew: counter === 0 } });
      equal(findings, []);
    }
    equal(Array.from(new Set(lengths)), [497, 1521, 6299]);
    equal(sender.id.length, 16);
    for (const text of ["", "x".repeat(1025), "\u{1f980}".repeat(1025), "\ud800"]) {
      equal(await refusal(() => sender.seal(text)), "text_invalid");
    }
    equal(await refusal(() => sender.seal("x", { name: "x".repeat(33) })), "name_invalid");
    equal((await sender.seal("next")).counter, texts.length);
  },

  "sealed: a reader cannot seal": async () => {
    const { secrets } = await newStream();
    const reader = await deriveKeys(secrets.reader);
    equal(await refusal(() => SealedSender.create(reader)), "read_only");
  },

  "sealed: what a reader forges is refused": async () => {
    const stream = await newStream();
    const receiver = await readerOf(stream);
    // It has everything but the write key: it certifies itself with a key of its own.
    const { writeKey } = await newStream();
    const reader = await deriveKeys(stream.secrets.reader);
    if (!writeKey) throw new Error("an owner may write");
    const forged = await seal(await SealedSender.create({ ...reader, writeKey }), "forged");
    equal(await receive(receiver, ...forged), ["-, altered"]);
  },

  "sealed: any altered byte is refused": async () => {
    const stream = await newStream();
    const [envelope = ""] = await seal(await SealedSender.create(stream), "hello");
    const receiver = await readerOf(stream);
    const bytes = bytesOf(envelope);
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.map((byte, at) => (at === i ? byte ^ (1 << (i % 8)) : byte));
      equal([i, await receive(receiver, `~1.${toBase64url(changed)}`)], [i, ["-, altered"]]);
    }
    for (const length of [0, 1, 96, 97, 98, 200, bytes.length - 1]) {
      equal(await receive(receiver, `~1.${toBase64url(bytes.slice(0, length))}`), ["-, altered"]);
    }
    const plain = [
      "hello",
      "~1.",
      "~1.AB",
      envelope.replace("~1.", "~2."),
      `${envelope}AAAA`,
      `${envelope}=`,
    ];
    for (const text of plain) equal([text, await receive(receiver, text)], [text, ["-, altered"]]);
    equal(await receive(receiver, envelope), ["hello"]);
  },

  "sealed: an envelope of another stream is refused": async () => {
    const [one, other] = [await newStream(), await newStream()];
    const envelopes = await seal(await SealedSender.create(one), "hello");
    equal(await receive(await readerOf(other), ...envelopes), ["-, altered"]);
  },

  "sealed: a message that is delivered twice is refused, and resent it is the same": async () => {
    const stream = await newStream();
    const [one = "", two = "", three = ""] = await seal(await SealedSender.create(stream), "1", "2", "3");
    const receiver = await readerOf(stream);
    equal(await receive(receiver, one, one, two, one, three, two), [
      "1",
      "-, replayed",
      "2",
      "-, replayed",
      "3",
      "-, replayed",
    ]);
  },

  "sealed: missing messages are counted, and told apart from those of a gap": async () => {
    const stream = await newStream();
    const sealed = await seal(await SealedSender.create(stream), ...Array.from("012345678"));
    const receiver = await readerOf(stream);
    const [, one = "", , three = "", , , six = "", , eight = ""] = sealed;
    equal(await receive(receiver, one, three), ["1", "3, missing 1"]);
    await receiver.gap();
    equal(await receive(receiver, six), ["6, gap 2"]);
    equal(await receive(receiver, eight), ["8, missing 1"]);
    equal(await receive(receiver, sealed[7] ?? "", sealed[2] ?? ""), ["7, reordered", "2, reordered"]);
    // What came before the first message is unknown to someone who joins late, and known to someone who was there.
    equal(await receive(receiver, sealed[0] ?? ""), ["0, reordered"]);
    equal(
      await receive(receiver, ...sealed.slice(0, 4)),
      sealed.slice(0, 4).map(() => "-, replayed"),
    );
    equal(await receive(await readerOf(stream, true), one), ["1, missing 1"]);
  },

  "sealed: messages that their sender gave up are not missing": async () => {
    const stream = await newStream();
    const sender = await SealedSender.create(stream);
    const receiver = await readerOf(stream, true);
    const given = await Promise.all(["0", "1", "2"].map((text) => sender.seal(text)));
    const [zero, one, two] = given;
    if (!zero || !one || !two) throw new Error("three were sealed");
    equal(await receive(receiver, two.text), ["2, missing 2"]);
    sender.giveUp(one);
    const three = await sender.seal("3");
    sender.giveUp(three);
    const four = await sender.seal("4");
    equal(four.voided, [
      { first: 1, last: 1 },
      { first: 3, last: 3 },
    ]);
    equal(await receive(receiver, four.text), ["4, voided 1"]);
    // Uncertain messages may have been published after all.
    equal(await receive(receiver, three.text, zero.text), ["3, reordered", "0, reordered"]);
    equal((await sender.seal("5")).voided, []);
  },

  "sealed: an audience that was split notices": async () => {
    const stream = await newStream();
    const [ada, bob] = [await SealedSender.create(stream), await SealedSender.create(stream)];
    const [adaSees, bobSees] = [await readerOf(stream, true), await readerOf(stream, true)];
    const late = await readerOf(stream);
    const say = (sender: SealedSender, sees: SealedReceiver, text: string) =>
      sender.seal(text, { lastSeen: sees.lastSeen }).then((sealed) => sealed.text);

    const first = await say(ada, adaSees, "1");
    equal([await receive(adaSees, first), await receive(bobSees, first)], [["1"], ["1"]]);
    const hidden = await say(ada, adaSees, "2");
    equal(await receive(adaSees, hidden), ["2"]);
    // Whoever has not seen Ada's second message sees that Ada has.
    const third = await say(ada, adaSees, "3");
    equal(await receive(bobSees, third), ["3, missing 1, split"]);
    // Someone who joined here may have missed it.
    equal(await receive(late, third), ["3"]);
    // Someone whom the server hides shows only in what others saw.
    const carol = await SealedSender.create(stream);
    equal(await receive(adaSees, third, await say(carol, adaSees, "hello")), ["3", "hello"]);
    const fourth = await say(ada, adaSees, "4");
    equal(await receive(bobSees, fourth), ["4, split"]);
    equal(await receive(late, fourth), ["4"]);
    const fifth = await say(bob, bobSees, "5");
    equal(await receive(late, fifth), ["5"]);
  },

  "sealed: an answer that is delivered before what it answers shows that the order was changed": async () => {
    const stream = await newStream();
    const [ada, bob] = [await SealedSender.create(stream), await SealedSender.create(stream)];
    const bobSees = await readerOf(stream);
    const [question = ""] = await seal(ada, "question");
    equal(await receive(bobSees, question), ["question"]);
    const { text: answer } = await bob.seal("answer", { lastSeen: bobSees.lastSeen });
    equal(await receive(await readerOf(stream), answer, question), ["answer", "question, reordered"]);
  },

  "sealed: an envelope of an unknown type is authentic or altered": async () => {
    const stream = await newStream();
    const sender = await SealedSender.create(stream);
    const [envelope = ""] = await seal(sender, "hello");
    const receiver = await readerOf(stream);
    const bytes = bytesOf(envelope);
    bytes[0] = 2;
    const received: Received = await receiver.receive(`~1.${toBase64url(bytes)}`);
    equal(received, { message: undefined, findings: [{ code: "altered" }] });
  },
};
