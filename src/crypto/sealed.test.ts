import { describe, expect, spyOn, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_ENVELOPE } from "../protocol/envelope.ts";
import { concat, toBase64url, utf8, type Bytes } from "./bytes.ts";
import { encodeEnvelope } from "./envelope.ts";
import { importSigningKey, random, sign } from "./primitives.ts";
import {
  encodePayload,
  HASH_BYTES,
  MESSAGE,
  metadataOf,
  readEnvelope,
  signed,
  type SealedEnvelope,
} from "./sealed-format.ts";
import { SealedReceiver } from "./sealed-receiver.ts";
import { SealedSender, type Sealed } from "./sealed-sender.ts";
import { createSecrets, deriveKeys, type StreamKeys } from "./secrets.ts";
import { deriveFrameKey } from "./sender-keys.ts";
import { encodeHeader, encryptFrame, readHeader } from "./sframe.ts";

const owner = await deriveKeys(createSecrets());
const reader = await deriveKeys(owner.secrets.reader);
if (!owner.secrets.writer) throw new Error("an owner may write");
const writer = await deriveKeys(owner.secrets.writer);

const texts = fc.string({ unit: "binary", minLength: 1, maxLength: 1024 });
const names = fc.option(fc.string({ unit: "binary", minLength: 1, maxLength: 32 }), { nil: undefined });

function parse(text: string): SealedEnvelope {
  const envelope = readEnvelope(text);
  if (envelope === undefined) throw new Error("no envelope");
  return envelope;
}

/** The platform's cryptography failed. */
const FAULT = new Error("out of memory");

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error,
  );
}

/** The key and the counter that an envelope is encrypted with. */
function nonceOf(text: string): string {
  const { senderKey, frame } = parse(text);
  return `${toBase64url(senderKey)} ${readHeader(frame)?.ctr}`;
}

describe("a message", () => {
  test("comes back as it was sealed, and fits", async () => {
    const sender = await SealedSender.create(writer);
    const receiver = new SealedReceiver(reader);
    await fc.assert(
      fc.asyncProperty(texts, names, async (text, name) => {
        const sealed = await sender.seal(text, { name });
        expect(sealed.text.length).toBeLessThanOrEqual(MAX_ENVELOPE);
        const { message, findings } = await receiver.receive(sealed.text);
        expect([message?.text, message?.name, findings]).toEqual([text, name, []]);
      }),
    );
  });

  test("is refused with anything in it changed", async () => {
    const sealed = await (await SealedSender.create(writer)).seal("hello");
    const receiver = new SealedReceiver(reader);
    const { length } = sealed.text;
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
        const other = String.fromCharCode(code);
        fc.pre(sealed.text.charAt(at) !== other);
        const changed = sealed.text.slice(0, at) + other + sealed.text.slice(at + 1);
        expect(await receiver.receive(changed)).toEqual({
          message: undefined,
          findings: [{ code: "altered" }],
        });
      }),
    );
    const { message } = await receiver.receive(sealed.text);
    expect(message?.text).toBe("hello");
  });
});

describe("a key and a counter", () => {
  /** What a program does with its messages; `fail` is an encryption that fails. */
  const steps = fc.array(fc.constantFrom("seal", "again", "give up", "duplicate", "fail"), { maxLength: 30 });

  test("are never used twice, whatever is resent, given up or duplicated", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        // A tab that is duplicated has the same link and makes a sender of its own.
        let sender = await SealedSender.create(writer);
        const sealed: Sealed[] = [];
        for (const step of given) {
          const latest = sealed.at(-1);
          if (step === "duplicate") sender = await SealedSender.create(writer);
          else if (step === "give up" && latest) sender.giveUp(latest);
          else if (step === "again" && latest) sealed.push(latest);
          else if (step === "fail")
            expect(await errorOf(sender.seal(""))).toMatchObject({ code: "text_invalid" });
          else sealed.push(...(await Promise.all([sender.seal("a"), sender.seal("b")])));
        }
        const distinct = new Set(sealed.map(({ text }) => text));
        const nonces = new Set(Array.from(distinct, nonceOf));
        expect(nonces.size).toBe(distinct.size);
      }),
      { numRuns: 30 },
    );
  });

  test("are not used again after an encryption failed, and the next message says so", async () => {
    const sender = await SealedSender.create(writer);
    const failing = spyOn(crypto.subtle, "encrypt").mockRejectedValueOnce(FAULT);
    try {
      expect(await errorOf(sender.seal("a"))).toBe(FAULT);
    } finally {
      failing.mockRestore();
    }
    expect(await sender.seal("b")).toMatchObject({ counter: 1, voided: [{ first: 0, last: 0 }] });
  });
});

describe("a server that reorders, drops and duplicates", () => {
  const COUNT = 12;

  test("is reported exactly", async () => {
    const sender = await SealedSender.create(writer);
    const sealed: string[] = [];
    for (let i = 0; i < COUNT; i++) sealed.push((await sender.seal(String(i))).text);
    const deliveries = fc.array(fc.nat(COUNT - 1), { maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(deliveries, async (delivered) => {
        const receiver = new SealedReceiver(reader, { isComplete: true });
        const seen = new Set<number>();
        let next = 0;
        for (const counter of delivered) {
          const { message, findings } = await receiver.receive(sealed[counter] ?? "");
          const codes = findings.map(({ code, count }) => (count === undefined ? code : `${code} ${count}`));
          if (seen.has(counter)) expect([message, codes]).toEqual([undefined, ["replayed"]]);
          else if (counter < next) expect([message?.text, codes]).toEqual([String(counter), ["reordered"]]);
          else {
            const missing = counter > next ? [`missing ${counter - next}`] : [];
            expect([message?.text, codes]).toEqual([String(counter), missing]);
          }
          seen.add(counter);
          next = Math.max(next, counter + 1);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("a reader", () => {
  /** Everything that a reader and the server know of a sender: its key, its certificate, and its message key. */
  async function forge(
    envelope: SealedEnvelope,
    stream: StreamKeys,
    counter: number,
    signature: (content: Bytes) => Promise<Bytes>,
  ): Promise<string> {
    const { type, senderKey, certificate } = envelope;
    const metadata = metadataOf(stream.name, envelope);
    const lastSeen = new Uint8Array(HASH_BYTES);
    const payload = encodePayload({ lastSeen, voided: [], name: "Ada", text: "forged" });
    const header = encodeHeader(0n, BigInt(counter));
    const plaintext = concat(await signature(signed(header, metadata, payload)), payload);
    const frameKey = await deriveFrameKey(stream, senderKey);
    const frame = await encryptFrame(frameKey, BigInt(counter), metadata, plaintext);
    return encodeEnvelope(concat(new Uint8Array([type]), senderKey, certificate, frame));
  }

  test("cannot forge the next message of a sender", async () => {
    const sender = await SealedSender.create(writer);
    const genuine = parse((await sender.seal("genuine")).text);
    const own = await importSigningKey(random(32));
    const receiver = new SealedReceiver(owner);
    const signatures = [
      (content: Bytes) => sign(own.privateKey, content),
      () => Promise.resolve(random(64)),
      () => Promise.resolve(new Uint8Array(64)),
      // S = 0 and R = the neutral element: valid for keys of small order.
      () => Promise.resolve(concat(new Uint8Array([1]), new Uint8Array(63))),
    ];
    for (const signature of signatures) {
      const forged = await forge(genuine, reader, 1, signature);
      expect((await receiver.receive(forged)).findings).toEqual([{ code: "altered" }]);
    }
    // The same with the sender's own signature is accepted: what is missing above is that alone.
    const next = await sender.seal("next");
    expect((await receiver.receive(next.text)).message?.text).toBe("next");
  });

  test("cannot certify a sender of its own", async () => {
    const own = await importSigningKey(random(32));
    const receiver = new SealedReceiver(owner);
    const genuine = parse((await (await SealedSender.create(writer)).seal("genuine")).text);
    const certificates = [
      genuine.certificate,
      random(64),
      new Uint8Array(64),
      await sign(own.privateKey, utf8("x")),
    ];
    for (const certificate of certificates) {
      const envelope = { type: MESSAGE, senderKey: own.publicKey, certificate, frame: new Uint8Array() };
      const forged = await forge(envelope, reader, 0, (content) => sign(own.privateKey, content));
      expect((await receiver.receive(forged)).findings).toEqual([{ code: "altered" }]);
    }
  });

  test("has no key that writes, in whatever it derives", () => {
    expect(reader.writeKey).toBeUndefined();
    const known = JSON.stringify(reader, (_, value: unknown) =>
      value instanceof Uint8Array ? toBase64url(value as Bytes) : value,
    );
    for (const secret of [
      writer.access,
      owner.access,
      writer.secrets.writer?.writeSecret,
      owner.secrets.owner?.ownerSecret,
    ]) {
      expect(known).not.toContain(typeof secret === "string" ? secret : toBase64url(secret ?? random(32)));
    }
  });
});

describe("a receiver", () => {
  test("keeps no more than it must, whatever arrives", async () => {
    const receiver = new SealedReceiver(reader);
    const held = receiver as unknown as {
      ready: Map<string, unknown>;
      senders: { senders: Map<string, unknown> };
    };
    for (let i = 0; i < 300; i++) {
      const junk = encodeEnvelope(concat(new Uint8Array([MESSAGE]), random(96), new Uint8Array(99)));
      expect((await receiver.receive(junk)).message).toBeUndefined();
    }
    expect([held.ready.size, held.senders.senders.size]).toEqual([256, 0]);
  });

  test("fails without Ed25519, and says so", async () => {
    const missing = spyOn(crypto.subtle, "importKey").mockImplementation(() =>
      Promise.reject(new DOMException("Unrecognized name", "NotSupportedError")),
    );
    try {
      expect(await errorOf(importSigningKey(random(32)))).toMatchObject({ code: "unsupported" });
    } finally {
      missing.mockRestore();
    }
  });

  test("opens what comes after a fault of the platform", async () => {
    const sender = await SealedSender.create(writer);
    const sealed = [await sender.seal("1"), await sender.seal("2")];
    const receiver = new SealedReceiver(reader);
    for (const fault of ["deriveBits", "digest"] as const) {
      const failing = spyOn(crypto.subtle, fault).mockRejectedValueOnce(FAULT);
      try {
        expect(await errorOf(receiver.receive(sealed[0]?.text ?? ""))).toBe(FAULT);
      } finally {
        failing.mockRestore();
      }
    }
    for (const [counter, { text }] of sealed.entries()) {
      expect((await receiver.receive(text)).message?.counter).toBe(counter);
    }
  });
});
