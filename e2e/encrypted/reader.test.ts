// Someone with the link for readers, who also has the server: still nothing that they write is taken for anyone's.
import { beforeAll, expect, test } from "bun:test";
import { concat, toBase64url, uint, utf8, type Bytes } from "../../src/crypto/bytes.ts";
import { encodeEnvelope } from "../../src/crypto/envelope.ts";
import { parseLink } from "../../src/crypto/link.ts";
import { generateSigningKey, labelled, sign, type SigningKey } from "../../src/crypto/primitives.ts";
import {
  certified,
  encodePayload,
  MESSAGE,
  metadataOf,
  readEnvelope,
  signed,
  SIGNATURE_BYTES,
  type SealedEnvelope,
} from "../../src/crypto/sealed-format.ts";
import { deriveKeys, type StreamKeys } from "../../src/crypto/secrets.ts";
import { deriveFrameKey } from "../../src/crypto/sender-keys.ts";
import { decryptFrame, encodeHeader, encryptFrame } from "../../src/crypto/sframe.ts";
import { create, open, type EncryptedStream } from "../../src/client/encrypted/index.ts";
import { failure } from "../../test-support/client/states.ts";
import { SocketClient } from "../../test-support/clients.ts";
import { texts } from "./lies.ts";
import { clientOf, hostileSuite, Listener, proxyOf } from "./network.ts";
import type { TamperingProxy } from "./tampering-proxy.ts";

const server = hostileSuite();

/** Everything that a reader has. */
async function keysOf({ links }: EncryptedStream): Promise<StreamKeys> {
  const { secrets } = parseLink(links.reader);
  if (secrets.kind !== "reader") throw new Error("not a reader's link");
  const keys = await deriveKeys(secrets);
  expect([keys.writeKey, keys.secrets.owner, keys.secrets.writer]).toEqual([undefined, undefined, undefined]);
  return keys;
}

const LAST_SEEN = new Uint8Array(8);
const FORGED = encodePayload({ lastSeen: LAST_SEEN, voided: [], name: "Ann", text: "forged" });

let own: SigningKey;

beforeAll(async () => {
  own = await generateSigningKey();
});

interface Forgery {
  readonly senderKey: Bytes;
  readonly certificate: Bytes;
  readonly counter?: bigint;
  readonly payload?: Bytes;
  /** A genuine signature; otherwise the reader signs. */
  readonly signature?: Bytes;
}

/** Readers have the keys of all messages, so they can encrypt. */
async function forge(keys: StreamKeys, forgery: Forgery): Promise<string> {
  const { senderKey, certificate, counter = 1n, payload = FORGED } = forgery;
  const frameKey = await deriveFrameKey(keys, senderKey);
  const metadata = metadataOf(keys.name, { type: MESSAGE, senderKey, certificate });
  const signature =
    forgery.signature ?? (await sign(own.privateKey, signed(encodeHeader(0n, counter), metadata, payload)));
  const frame = await encryptFrame(frameKey, counter, metadata, concat(signature, payload));
  return encodeEnvelope(concat(uint(MESSAGE, 1), senderKey, certificate, frame));
}

/** A genuine message, as a reader can open it. */
interface Genuine extends SealedEnvelope {
  readonly signature: Bytes;
  readonly payload: Bytes;
}

async function openGenuine(keys: StreamKeys, text: string): Promise<Genuine> {
  const envelope = readEnvelope(text);
  if (!envelope) throw new Error("not an envelope");
  const frameKey = await deriveFrameKey(keys, envelope.senderKey);
  const plaintext = await decryptFrame(frameKey, envelope.frame, metadataOf(keys.name, envelope));
  if (!plaintext) throw new Error("readers can open messages");
  return {
    ...envelope,
    signature: plaintext.slice(0, SIGNATURE_BYTES),
    payload: plaintext.slice(SIGNATURE_BYTES),
  };
}

const forgeries: Record<string, (keys: StreamKeys, genuine: Genuine) => Forgery | Promise<Forgery>> = {
  "a sender of their own, certified by nobody": () => ({
    senderKey: own.publicKey,
    certificate: new Uint8Array(64),
  }),
  "a sender of their own, certified by itself": async (keys) => ({
    senderKey: own.publicKey,
    certificate: await sign(own.privateKey, certified(keys.name, own.publicKey)),
  }),
  "a sender of their own with the certificate of another sender": (_, { certificate }) => ({
    senderKey: own.publicKey,
    certificate,
  }),
  "another sender, with a signature of their own": (_, { senderKey, certificate }) => ({
    senderKey,
    certificate,
  }),
  "another sender, with the signature of another message": (_, genuine) => ({
    ...genuine,
    payload: FORGED,
  }),
  "a genuine message with another counter": (_, genuine) => ({ ...genuine, counter: 7n }),
  "a genuine message with another name": (_, genuine) => ({
    ...genuine,
    payload: encodePayload({ lastSeen: LAST_SEEN, voided: [], name: "Bob", text: "genuine" }),
  }),
  "the public key of writers as a sender": async (keys) => {
    const { secrets } = keys;
    const { writeKey } = secrets.reader;
    return {
      senderKey: writeKey,
      certificate: await sign(own.privateKey, labelled("certificate", utf8(keys.name), writeKey)),
    };
  },
};

async function victim(): Promise<{ proxy: TamperingProxy; owner: EncryptedStream; listener: Listener }> {
  const proxy = proxyOf(server());
  const owner = await create(clientOf(proxy));
  return { proxy, owner, listener: await Listener.of(owner) };
}

for (const [what, forgery] of Object.entries(forgeries))
  test(`cannot forge ${what}`, async () => {
    const { proxy, owner, listener } = await victim();
    const keys = await keysOf(owner);
    const writer = await open(owner.links.writer ?? "", { malten: clientOf(proxyOf(server())) });
    let genuine = "";
    proxy.down = texts((text) => [(genuine = text)]);
    await writer.send("genuine", { name: "Ann" });
    expect(await listener.until("genuine")).toEqual(["genuine"]);
    const forged = await forge(keys, await forgery(keys, await openGenuine(keys, genuine)));
    proxy.down = texts((text, n) => (n === 0 ? [forged, text] : [text]));
    await writer.send("after");
    expect(await listener.until("after")).toEqual(["[altered]", "after"]);
  });

test("a genuine message that is encrypted again exactly as it was is the same message", async () => {
  const { proxy, owner, listener } = await victim();
  const keys = await keysOf(owner);
  let sealed = "";
  proxy.down = texts((text) => [(sealed = text)]);
  await owner.send("genuine");
  await listener.until("genuine");
  // Shows that the forgeries above fail for the reason that they are for.
  expect(await forge(keys, { ...(await openGenuine(keys, sealed)), counter: 0n })).toBe(sealed);
});

test("cannot write: the SDK refuses, and so does the server", async () => {
  const { owner, listener, proxy } = await victim();
  const reader = await open(owner.links.reader, { malten: clientOf(proxy) });
  expect(await failure(reader.send("x"))).toMatchObject({ code: "read_only" });
  const { name, access } = await keysOf(owner);
  const text = `~1.${toBase64url(new Uint8Array(400))}`;
  const headers = { authorization: `Bearer ${access}` };
  for (const [method, path] of [
    ["POST", `/messages?stream=${name}&text=${text}`],
    ["POST", `/streams?stream=${name}`],
    ["DELETE", `/streams?stream=${name}`],
  ] as const) {
    const response = await fetch(`${server().url.origin}${path}`, { method, headers });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, "not_found"]);
  }
  await using socket = await SocketClient.open(server().url.origin, "plain&subscribe=false");
  expect(await socket.ask({ Type: "message", Stream: name, Text: text, Access: access })).toMatchObject({
    Type: "error",
    Code: "not_found",
  });
  await owner.send("end");
  expect(await listener.until("end")).toEqual(["end"]);
});
