// Our own vectors of pipes, frozen in pipe-vectors.json: docs/encryption.md names every value.
import { concat, utf8, type Bytes } from "../../src/crypto/bytes.ts";
import { fromEnvelope, FrameType, Kind, toEnvelope } from "../../src/crypto/pipe/frame.ts";
import {
  hello,
  isRefusal,
  readAccept,
  readHello,
  readJoin,
  refuse,
  type Invitation,
  type SentJoin,
} from "../../src/crypto/pipe/handshake.ts";
import { decapsulate, generateKemKey, type Exchange, type KemKey } from "../../src/crypto/pipe/hpke.ts";
import { Incoming } from "../../src/crypto/pipe/incoming.ts";
import { chainsOf, deriveEpoch, type EpochKeys, type SessionSecrets } from "../../src/crypto/pipe/keys.ts";
import { Outgoing } from "../../src/crypto/pipe/outgoing.ts";
import { sha256 } from "../../src/crypto/primitives.ts";
import { equal, fromHex } from "./check.ts";
import vectors from "./pipe-vectors.json";

function envelope(text: string): Bytes {
  return fromEnvelope(text) ?? new Uint8Array();
}

async function invitation(): Promise<Invitation> {
  return { stream: await sha256(utf8(vectors.stream)), psk: fromHex(vectors.pipeSecret) };
}

/** What the joiner has after its join: with the exported secrets instead of the randomness of its encapsulation. */
async function sentJoin(): Promise<SentJoin> {
  const bytes = envelope(vectors.join);
  const exports = new Map(
    Object.entries(vectors.joinExports).map(([label, value]) => [label, fromHex(value)]),
  );
  const exchange: Exchange = {
    export: (label) => Promise.resolve(exports.get(label) ?? new Uint8Array()),
  };
  return {
    bytes,
    hash: await sha256(bytes),
    helloHash: await sha256(envelope(vectors.hello)),
    key: await generateKemKey(fromHex(vectors.joinerSeed)),
    exchange,
  };
}

async function session(): Promise<SessionSecrets> {
  const secrets = await readAccept(envelope(vectors.accept), await invitation(), await sentJoin());
  if (secrets === undefined) throw new Error("the accept does not open");
  return secrets;
}

/** The keys after the renewal. */
async function renewedKeys({ next, transcript }: EpochKeys, key: KemKey): Promise<EpochKeys> {
  const offered = await sha256(key.publicKey);
  const answer = fromHex(vectors.frames.find(({ kind }) => kind === Kind.Answer)?.content ?? "");
  const input = { psk: next, label: "pipe rekey", context: concat(transcript, offered) };
  const opened = await decapsulate(key, answer.slice(0, 1120), input, answer.slice(1120));
  const fresh = await opened?.exchange.export("pipe root");
  equal(fresh, fromHex(vectors.renewed.export));
  return deriveEpoch(next, fresh ?? new Uint8Array(), fromHex(vectors.renewed.transcript));
}

export const PIPE_VECTOR_CASES: Record<string, () => Promise<void>> = {
  "pipe vectors: hello, join and refuse, as the opener": async () => {
    const key = await generateKemKey(fromHex(vectors.openerSeed));
    equal(toEnvelope(hello(key)), vectors.hello);
    equal(await readHello(envelope(vectors.hello), fromHex(vectors.keyHash)), key.publicKey);
    const join = await readJoin(envelope(vectors.join), await invitation(), key);
    if (join === undefined) throw new Error("the join does not open");
    equal(join.publicKey, (await generateKemKey(fromHex(vectors.joinerSeed))).publicKey);
    for (const [label, value] of Object.entries(vectors.joinExports)) {
      equal(await join.exchange.export(label), fromHex(value));
    }
    equal(await isRefusal(await refuse(join), await sentJoin()), true);
  },

  "pipe vectors: accept, as the joiner": async () => {
    const { keys, words, id } = await session();
    equal(words, vectors.words);
    equal(id, fromHex(vectors.sessionId));
    equal(keys.next, fromHex(vectors.next));
    equal(keys.transcript, fromHex(vectors.transcript));
  },

  "pipe vectors: frames of both ends, with new keys": async () => {
    const { keys, id } = await session();
    const renewed = await renewedKeys(keys, await generateKemKey(fromHex(vectors.offeredSeed)));
    equal(renewed.next, fromHex(vectors.renewed.next));
    for (const [from, type, renewal] of [
      ["opener", FrameType.FromOpener, Kind.Switch],
      ["joiner", FrameType.FromJoiner, Kind.Answer],
    ] as const) {
      const { send } = chainsOf(keys, from === "opener");
      const outgoing = new Outgoing(type, id, send);
      const incoming = new Incoming(id, send);
      for (const { kind, ack, content, envelope: text } of vectors.frames.filter(
        (frame) => frame.from === from,
      )) {
        const opened = await incoming.open(envelope(text), false);
        if (opened.result !== "opened") throw new Error(`frame is ${opened.result}`);
        equal([opened.payload.kind, opened.payload.ack], [kind, ack]);
        equal(opened.payload.content, fromHex(content));
        equal(await outgoing.seal(opened.payload), text);
        if (kind !== renewal) continue;
        for (const direction of [outgoing, incoming])
          direction.renew(chainsOf(renewed, from === "opener").send);
      }
    }
  },
};
