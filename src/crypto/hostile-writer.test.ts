// People who have the link for writers, or for readers, and do not follow the rules.
import { expect, test } from "bun:test";
import { concat, uint, utf8, type Bytes } from "./bytes.ts";
import { encodeEnvelope } from "./envelope.ts";
import { openPresenceName, sealPresenceName } from "./presence-name.ts";
import {
  aesEncrypt,
  derive,
  hkdfToAesKey,
  importSigningKey,
  labelled,
  random,
  sha256,
  sign,
} from "./primitives.ts";
import { certified, encodePayload, HASH_BYTES, MESSAGE, metadataOf, signed } from "./sealed-format.ts";
import { SealedReceiver } from "./sealed-receiver.ts";
import { SealedSender } from "./sealed-sender.ts";
import { createSecrets, deriveKeys, deriveSecret } from "./secrets.ts";
import { deriveSFrameKey, encodeHeader, encryptFrame } from "./sframe.ts";

const keys = await deriveKeys(createSecrets());
const writeKey = keys.writeKey?.privateKey;
if (writeKey === undefined) throw new Error("an owner may write");
const sender = await importSigningKey(random(32));
const genuineCertificate = await sign(writeKey, certified(keys.name, sender.publicKey));
const baseKey = await deriveSecret(keys.messageRoot, "sender", sender.publicKey);

const LAST_SEEN = new Uint8Array(HASH_BYTES);
const GENUINE = encodePayload({ lastSeen: LAST_SEEN, voided: [], name: "Ada", text: "hello" });

interface Deviation {
  readonly payload?: Bytes;
  readonly counter?: bigint;
  readonly kid?: bigint;
  readonly type?: number;
  readonly certificate?: Bytes;
}

/** Seals with a certified key whatever it is given. */
async function seal(deviation: Deviation): Promise<string> {
  const { payload = GENUINE, counter = 0n, kid = 0n, type = MESSAGE } = deviation;
  const certificate = deviation.certificate ?? genuineCertificate;
  const metadata = metadataOf(keys.name, { type, senderKey: sender.publicKey, certificate });
  const signature = await sign(sender.privateKey, signed(encodeHeader(kid, counter), metadata, payload));
  const frameKey = { ...(await deriveSFrameKey(baseKey, 0n)), kid };
  const frame = await encryptFrame(frameKey, counter, metadata, concat(signature, payload));
  return encodeEnvelope(concat(uint(type, 1), sender.publicKey, certificate, frame));
}

/** What a receiver finds, or the text. */
async function receive(receiver: SealedReceiver, deviation: Deviation): Promise<string> {
  const { message, findings } = await receiver.receive(await seal(deviation));
  return [...(message ? [message.text] : []), ...findings.map(({ code }) => code)].join(", ");
}

/** Pads a payload to the size of the smallest messages. */
function padded(...parts: Bytes[]): Bytes {
  const payload = new Uint8Array(256 - 64);
  payload.set(concat(...parts));
  return payload;
}

const NO_VOIDED = uint(0, 1);
const NO_NAME = uint(0, 1);

const refused: Record<string, Deviation> = {
  "another key identifier": { kid: 1n },
  "a counter of 49 bits": { counter: 2n ** 48n },
  "another size": { payload: new Uint8Array([...GENUINE, 0]) },
  "no text": { payload: padded(LAST_SEEN, NO_VOIDED, NO_NAME, uint(0, 2)) },
  "text that is not UTF-8": { payload: padded(LAST_SEEN, NO_VOIDED, NO_NAME, uint(1, 2), uint(0xff, 1)) },
  "text beyond the end": { payload: padded(LAST_SEEN, NO_VOIDED, NO_NAME, uint(1000, 2), utf8("x")) },
  "more than 1024 characters": {
    payload: concat(
      LAST_SEEN,
      NO_VOIDED,
      NO_NAME,
      uint(4000, 2),
      utf8("x".repeat(4000)),
      new Uint8Array(532),
    ),
  },
  "a name of 33 characters": {
    payload: padded(LAST_SEEN, NO_VOIDED, uint(33, 1), utf8("x".repeat(33)), uint(1, 2), utf8("x")),
  },
  "a name that is not UTF-8": {
    payload: padded(LAST_SEEN, NO_VOIDED, uint(1, 1), uint(0xff, 1), uint(1, 2), utf8("x")),
  },
  "17 ranges of voided counters": {
    payload: padded(LAST_SEEN, uint(17, 1), new Uint8Array(17 * 8), NO_NAME, uint(1, 2), utf8("x")),
  },
  "something after the text": { payload: padded(LAST_SEEN, NO_VOIDED, NO_NAME, uint(1, 2), utf8("xy")) },
  "a certificate of nobody": { certificate: new Uint8Array(64) },
};

for (const [what, deviation] of Object.entries(refused)) {
  test(`a message with ${what} is refused, and the next one is not`, async () => {
    const receiver = new SealedReceiver(keys);
    expect(await receive(receiver, {})).toBe("hello");
    expect(await receive(receiver, { counter: 1n, ...deviation })).toBe("altered");
    expect(await receive(receiver, { counter: 1n })).toBe("hello");
  });
}

test("a message of a later version counts, although it is not shown", async () => {
  const receiver = new SealedReceiver(keys);
  expect(await receive(receiver, { type: 2, payload: new Uint8Array(3) })).toBe("unsupported");
  expect(await receive(receiver, { type: 2, payload: new Uint8Array(3) })).toBe("replayed");
  expect(await receive(receiver, { counter: 1n })).toBe("hello");
});

test("voided counters that are absurd do nothing", async () => {
  const receiver = new SealedReceiver(keys);
  const ranges = [0, 2 ** 48 - 1, 5, 1].flatMap((first) => [uint(first, 6), uint(0xffff, 2)]);
  const payload = padded(LAST_SEEN, uint(4, 1), ...ranges, NO_NAME, uint(1, 2), utf8("x"));
  expect(await receive(receiver, { counter: 9n, payload })).toBe("x");
  expect(await receive(receiver, { counter: 2n ** 48n - 1n, payload })).toBe("x, missing");
  expect(await receive(receiver, { counter: 2n ** 48n - 1n, payload })).toBe("replayed");
});

test("the key of a sender cannot be exported", async () => {
  const { key } = (await SealedSender.create(keys)) as unknown as { key: { privateKey: CryptoKey } };
  expect(key.privateKey.extractable).toBe(false);
});

test("a presence name has one sealed form", async () => {
  const aad = labelled("presence name", utf8(keys.name));
  const aesKey = await hkdfToAesKey(keys.presenceRoot, labelled("presence key"));
  const sealWith = async (nonce: Bytes, name: Bytes) =>
    encodeEnvelope(concat(nonce, await aesEncrypt(aesKey, nonce, aad, name)));
  const nonceOf = async (name: Bytes) => derive(keys.presenceRoot, "presence nonce", 12, await sha256(name));

  const genuine = concat(uint(3, 2), utf8("Ada"), new Uint8Array(59));
  expect(await sealWith(await nonceOf(genuine), genuine)).toBe(await sealPresenceName(keys, "Ada"));
  const forms = [
    await sealWith(random(12), genuine),
    ...(await Promise.all(
      [
        concat(genuine, new Uint8Array(192)),
        concat(genuine.slice(0, 63), uint(1, 1)),
        genuine.slice(0, 5),
      ].map(async (form) => sealWith(await nonceOf(form), form)),
    )),
  ];
  for (const form of forms) expect(await openPresenceName(keys, form)).toBeUndefined();
});
