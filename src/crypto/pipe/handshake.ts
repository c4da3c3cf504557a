// The handshake: the opener posts its key, the joiner joins, the opener accepts or refuses.
import { areEqual, concat, type Bytes } from "../bytes.ts";
import { sha256 } from "../primitives.ts";
import {
  decapsulate,
  encapsulate,
  ENCAPSULATED_BYTES,
  generateKemKey,
  PUBLIC_KEY_BYTES,
  type Exchange,
  type ExchangeInput,
  type KemKey,
} from "./hpke.ts";
import { FrameType, frame } from "./frame.ts";
import { deriveSession, transcriptOf, type SessionSecrets } from "./keys.ts";

const TAG_BYTES = 16;
const HASH_BYTES = 32;
const JOIN_BYTES = 1 + ENCAPSULATED_BYTES + PUBLIC_KEY_BYTES + TAG_BYTES;
const ACCEPT_BYTES = 1 + HASH_BYTES + ENCAPSULATED_BYTES + TAG_BYTES;
const REFUSE_BYTES = 1 + HASH_BYTES + HASH_BYTES;
const NOTHING: Bytes = new Uint8Array();

/** What both ends know before the handshake: SHA-256 of the stream's name, and the key from the link. */
export interface Invitation {
  readonly stream: Bytes;
  readonly psk: Bytes;
}

/** An authentic join, as its opener sees it. */
export interface ReceivedJoin {
  readonly hash: Bytes;
  readonly publicKey: Bytes;
  readonly exchange: Exchange;
}

/** A join, as its sender sees it. */
export interface SentJoin {
  readonly bytes: Bytes;
  readonly hash: Bytes;
  readonly helloHash: Bytes;
  readonly key: KemKey;
  readonly exchange: Exchange;
}

export function hello(key: KemKey): Bytes {
  return frame(FrameType.Hello, key.publicKey);
}

/** Returns the opener's public key, if it is the one in the link. */
export async function readHello(bytes: Bytes, keyHash: Bytes): Promise<Bytes | undefined> {
  const publicKey = bytes.slice(1);
  if (publicKey.length !== PUBLIC_KEY_BYTES) return undefined;
  return areEqual(await sha256(publicKey), keyHash) ? publicKey : undefined;
}

function joinInput({ stream, psk }: Invitation, helloHash: Bytes): ExchangeInput {
  return { psk, label: "pipe join", context: concat(stream, helloHash) };
}

/** Answers the opener's key with a key of our own, which only its owner can read. */
export async function join(invitation: Invitation, publicKey: Bytes): Promise<SentJoin> {
  const key = await generateKemKey();
  const helloHash = await sha256(frame(FrameType.Hello, publicKey));
  const input = joinInput(invitation, helloHash);
  const { encapsulated, ciphertext, exchange } = await encapsulate(publicKey, input, key.publicKey);
  const bytes = frame(FrameType.Join, encapsulated, ciphertext);
  return { bytes, hash: await sha256(bytes), helloHash, key, exchange };
}

/** Returns undefined if its sender did not have the link. */
export async function readJoin(
  bytes: Bytes,
  invitation: Invitation,
  key: KemKey,
): Promise<ReceivedJoin | undefined> {
  if (bytes.length !== JOIN_BYTES) return undefined;
  const input = joinInput(invitation, await sha256(hello(key)));
  const encapsulated = bytes.slice(1, 1 + ENCAPSULATED_BYTES);
  const opened = await decapsulate(key, encapsulated, input, bytes.slice(1 + ENCAPSULATED_BYTES));
  if (opened === undefined) return undefined;
  return { hash: await sha256(bytes), publicKey: opened.plaintext, exchange: opened.exchange };
}

/** The input of the second encapsulation: the first one is its pre-shared key. */
async function acceptInput(
  stream: Bytes,
  helloHash: Bytes,
  joinHash: Bytes,
  exchange: Exchange,
): Promise<ExchangeInput> {
  const context = concat(stream, helloHash, joinHash);
  return { psk: await exchange.export("pipe accept"), label: "pipe accept", context };
}

async function sessionOf(
  joinExchange: Exchange,
  acceptExchange: Exchange,
  ...transcript: Bytes[]
): Promise<SessionSecrets> {
  return deriveSession(
    await joinExchange.export("pipe root"),
    await acceptExchange.export("pipe root"),
    await transcriptOf(...transcript),
  );
}

/** Returns undefined if the public key of the join is none. */
export async function accept(
  { stream }: Invitation,
  key: KemKey,
  { hash, publicKey, exchange }: ReceivedJoin,
): Promise<{ bytes: Bytes; secrets: SessionSecrets } | undefined> {
  const helloHash = await sha256(hello(key));
  const input = await acceptInput(stream, helloHash, hash, exchange);
  const answer = await encapsulate(publicKey, input, NOTHING).catch(() => null);
  input.psk.fill(0);
  if (answer === null) return undefined;
  const bytes = frame(FrameType.Accept, hash, answer.encapsulated, answer.ciphertext);
  const transcript = [stream, helloHash, hash, await sha256(bytes)];
  return { bytes, secrets: await sessionOf(exchange, answer.exchange, ...transcript) };
}

/** Whether an accept or a refusal answers this join. */
export function answers(bytes: Bytes, { hash }: SentJoin): boolean {
  return areEqual(bytes.subarray(1, 1 + HASH_BYTES), hash);
}

/** Returns undefined if it is not the opener's. Erases the key of the join if it is. */
export async function readAccept(
  bytes: Bytes,
  { stream }: Invitation,
  { hash, helloHash, key, exchange }: SentJoin,
): Promise<SessionSecrets | undefined> {
  if (bytes.length !== ACCEPT_BYTES) return undefined;
  const input = await acceptInput(stream, helloHash, hash, exchange);
  const end = 1 + HASH_BYTES + ENCAPSULATED_BYTES;
  const opened = await decapsulate(key, bytes.slice(1 + HASH_BYTES, end), input, bytes.slice(end));
  input.psk.fill(0);
  if (opened === undefined) return undefined;
  key.seed.fill(0);
  return sessionOf(exchange, opened.exchange, stream, helloHash, hash, await sha256(bytes));
}

/** Refuses a join: only the opener and the one who sent it can compute the proof. */
export async function refuse({ hash, exchange }: ReceivedJoin): Promise<Bytes> {
  return frame(FrameType.Refuse, hash, await exchange.export("pipe refuse"));
}

export async function isRefusal(bytes: Bytes, { exchange }: SentJoin): Promise<boolean> {
  if (bytes.length !== REFUSE_BYTES) return false;
  return areEqual(bytes.subarray(1 + HASH_BYTES), await exchange.export("pipe refuse"));
}
