// Our own vectors, frozen in vectors.json: docs/encryption.md names every value. They are made here from the inputs in that file.
import { concat, uint, utf8, type Bytes } from "../../src/crypto/bytes.ts";
import { encodeEnvelope } from "../../src/crypto/envelope.ts";
import { formatLink, parseLink } from "../../src/crypto/link.ts";
import { openPresenceName, sealPresenceName } from "../../src/crypto/presence-name.ts";
import { derive, importSecret, importSigningKey, sha256, sign } from "../../src/crypto/primitives.ts";
import {
  certified,
  encodePayload,
  HASH_BYTES,
  MESSAGE,
  metadataOf,
  signed,
} from "../../src/crypto/sealed-format.ts";
import { SealedReceiver } from "../../src/crypto/sealed-receiver.ts";
import { deriveKeys, type StreamKeys } from "../../src/crypto/secrets.ts";
import { deriveFrameKey, senderId } from "../../src/crypto/sender-keys.ts";
import { encodeHeader, encryptFrame } from "../../src/crypto/sframe.ts";
import { equal, fromHex, hex, refusal } from "./check.ts";
import vectors from "./vectors.json";

/** The bytes that WebCrypto derives keys from, which nothing but vectors has to know. */
async function deriveBytes(secret: string, label: string, length: number, context?: Bytes): Promise<string> {
  return hex(await derive(await importSecret(fromHex(secret)), label, length, context));
}

async function ownerKeys(): Promise<StreamKeys> {
  return deriveKeys({ kind: "owner", ownerSecret: fromHex(vectors.stream.ownerSecret) });
}

async function streamValues(ownerSecret: string): Promise<typeof vectors.stream> {
  const ownerToken = await deriveBytes(ownerSecret, "owner token", 32);
  const writeSecret = await deriveBytes(ownerSecret, "write secret", 32);
  const writeToken = await deriveBytes(writeSecret, "write token", 32);
  const writeKeySeed = await deriveBytes(writeSecret, "write key", 32);
  const { publicKey } = await importSigningKey(fromHex(writeKeySeed));
  const readSecret = await deriveBytes(writeSecret, "read secret", 32);
  const readToken = await deriveBytes(readSecret, "read token", 32);
  const [ownerHash, writerHash] = [await sha256(fromHex(ownerToken)), await sha256(fromHex(writeToken))];
  const readerHash = await sha256(fromHex(readToken));
  const tokensHash = await sha256(writerHash, ownerHash);
  const { name } = await deriveKeys({ kind: "owner", ownerSecret: fromHex(ownerSecret) });
  return {
    ownerSecret,
    ownerToken,
    ownerHash: hex(ownerHash),
    writeSecret,
    writeToken,
    writerHash: hex(writerHash),
    writeKeySeed,
    writeKey: hex(publicKey),
    readSecret,
    readToken,
    readerHash: hex(readerHash),
    tokensHash: hex(tokensHash),
    commitment: hex(await sha256(tokensHash, publicKey)),
    messageRoot: await deriveBytes(readSecret, "message root", 64),
    presenceRoot: await deriveBytes(readSecret, "presence root", 64),
    name,
  };
}

async function senderValues(seed: string, keys: StreamKeys): Promise<typeof vectors.sender> {
  const { publicKey } = await importSigningKey(fromHex(seed));
  if (!keys.writeKey) throw new Error("an owner may write");
  const certificate = await sign(keys.writeKey.privateKey, certified(keys.name, publicKey));
  const { salt } = await deriveFrameKey(keys, publicKey);
  const baseKey = await deriveBytes(vectors.stream.messageRoot, "sender", 64, publicKey);
  return {
    seed,
    publicKey: hex(publicKey),
    id: senderId(publicKey),
    certificate: hex(certificate),
    baseKey,
    salt: hex(salt),
  };
}

type Message = (typeof vectors.messages)[number];

/** Seals again what is in a vector, with the key of its sender. */
async function messageValues(given: Message, keys: StreamKeys): Promise<Message> {
  const { counter, lastSeen, voided, name, text } = given;
  const sender = await importSigningKey(fromHex(vectors.sender.seed));
  const senderKey = sender.publicKey;
  const certificate = fromHex(vectors.sender.certificate);
  const metadata = metadataOf(keys.name, { type: MESSAGE, senderKey, certificate });
  const header = encodeHeader(0n, BigInt(counter));
  const payload = encodePayload({ lastSeen: fromHex(lastSeen), voided, name: name ?? undefined, text });
  const signature = await sign(sender.privateKey, signed(header, metadata, payload));
  const frameKey = await deriveFrameKey(keys, senderKey);
  const frame = await encryptFrame(frameKey, BigInt(counter), metadata, concat(signature, payload));
  const envelope = encodeEnvelope(concat(uint(MESSAGE, 1), senderKey, certificate, frame));
  const hash = (await sha256(utf8(envelope))).slice(0, HASH_BYTES);
  return {
    ...given,
    header: hex(header),
    metadata: hex(metadata),
    // Padding is left out.
    payload: hex(payload).replace(/(00)+$/, ""),
    signature: hex(signature),
    envelope,
    hash: hex(hash),
  };
}

export const VECTOR_CASES: Record<string, () => void | Promise<void>> = {
  "vectors: secrets, tokens and the name": async () => {
    equal(await streamValues(vectors.stream.ownerSecret), vectors.stream);
  },

  "vectors: access tokens and links": async () => {
    const server = new URL(vectors.links.server);
    const owner = await ownerKeys();
    const { writer: writerSecrets, reader: readerSecrets } = owner.secrets;
    if (!owner.secrets.owner || !writerSecrets) throw new Error("an owner has every right");
    const [writer, reader] = [await deriveKeys(writerSecrets), await deriveKeys(readerSecrets)];
    equal({ owner: owner.access, writer: writer.access, reader: reader.access }, vectors.access);
    const links = {
      server: server.href,
      owner: formatLink(server, owner.secrets.owner),
      writer: formatLink(server, writerSecrets),
      reader: formatLink(server, readerSecrets),
    };
    equal(links, vectors.links);
    for (const [link = "", code] of vectors.refusedLinks) {
      equal([link, await refusal(() => parseLink(link))], [link, code]);
    }
  },

  "vectors: a sender": async () => {
    equal(await senderValues(vectors.sender.seed, await ownerKeys()), vectors.sender);
  },

  "vectors: messages": async () => {
    const keys = await ownerKeys();
    const receiver = new SealedReceiver(keys);
    for (const vector of vectors.messages) {
      equal(await messageValues(vector, keys), vector);
      const { message } = await receiver.receive(vector.envelope);
      equal([message?.text, message?.name ?? null], [vector.text, vector.name]);
      equal([message?.counter, message?.sender.id], [vector.counter, vectors.sender.id]);
      equal(hex(receiver.lastSeen), vector.hash);
    }
    for (const [, envelope = "", code] of vectors.refusedEnvelopes) {
      const { message, findings } = await new SealedReceiver(keys).receive(envelope);
      equal([message, findings.map((finding) => finding.code)], [undefined, [code]]);
    }
  },

  "vectors: presence names": async () => {
    const keys = await ownerKeys();
    for (const [name = "", sealed = ""] of vectors.presenceNames) {
      equal(await sealPresenceName(keys, name), sealed);
      equal(await openPresenceName(keys, sealed), name);
    }
  },
};
