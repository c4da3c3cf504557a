// What someone can read who recorded everything and copied the state of an end.
import { describe, expect, test } from "bun:test";
import type { Bytes } from "../bytes.ts";
import { fromUtf8 } from "../bytes.ts";
import { random } from "../primitives.ts";
import { decryptFrame, deriveSFrameKey, ratchet, readHeader } from "../sframe.ts";
import { decodePayload, fromEnvelope, FrameType, Kind, type Payload } from "./frame.ts";
import { decapsulate, encapsulate, generateKemKey } from "./hpke.ts";
import { deriveEpoch, deriveSession, transcriptOf, type EpochKeys } from "./keys.ts";
import { Session, type Step } from "./session.ts";

const MINUTE = 60_000;
const HEAD_BYTES = 9;

/** Two ends in a conversation, and everything that they send. */
class Conversation {
  now = 0;
  readonly recorded: Bytes[] = [];
  readonly #opener: Session;
  readonly #joiner: Session;

  private constructor(opener: Session, joiner: Session) {
    this.#opener = opener;
    this.#joiner = joiner;
  }

  /** Begins, and returns a copy of all keys that an end has at that moment. */
  static async begin(): Promise<{ conversation: Conversation; copy: EpochKeys }> {
    const [join, accept, transcript] = [random(32), random(32), random(32)];
    const secrets = () => deriveSession(join.slice(), accept.slice(), transcript);
    const clock = { now: () => 0 };
    const now = (): number => clock.now();
    const copy = (await secrets()).keys;
    const conversation = new Conversation(
      new Session(true, await secrets(), now),
      new Session(false, await secrets(), now),
    );
    clock.now = () => conversation.now;
    return { conversation, copy };
  }

  async say(text: string): Promise<void> {
    await this.#do((step) => this.#opener.send(step, Kind.Text, new TextEncoder().encode(text)));
  }

  async answer(text: string): Promise<void> {
    await this.#do((step) => this.#joiner.send(step, Kind.Text, new TextEncoder().encode(text)));
  }

  /** Lets five minutes pass. */
  async renew(): Promise<void> {
    this.now += 5 * MINUTE;
    await this.#do((step) => this.#opener.tick(step));
    await this.#do((step) => this.#joiner.tick(step));
  }

  async #do(work: (step: Step) => Promise<void>): Promise<void> {
    const step: Step = { frames: [], events: [] };
    await work(step);
    for (const text of step.frames) {
      const bytes = fromEnvelope(text) ?? new Uint8Array();
      this.recorded.push(bytes);
      for (const end of [this.#opener, this.#joiner]) {
        await this.#do(async (next) => {
          await end.receive(next, bytes);
        });
      }
    }
  }
}

/** Opens a frame with a base key, if it is the one of that frame. */
async function tryOpen(chain: CryptoKey, kid: bigint, bytes: Bytes): Promise<Payload | undefined> {
  const key = await deriveSFrameKey(chain, kid);
  const opened = await decryptFrame(key, bytes.subarray(HEAD_BYTES), bytes.subarray(0, HEAD_BYTES));
  return opened === undefined ? undefined : decodePayload(opened);
}

/** Opens as many of the recorded frames as base keys of both directions, and all that follow from them, allow. */
async function read(recorded: Bytes[], { opener, joiner }: EpochKeys): Promise<Payload[]> {
  const chains = new Map([
    [FrameType.FromOpener as number, opener],
    [FrameType.FromJoiner as number, joiner],
  ]);
  const opened: Payload[] = [];
  for (const bytes of recorded) {
    const chain = chains.get(bytes[0] ?? 0);
    const header = readHeader(bytes.subarray(HEAD_BYTES));
    if (chain === undefined || header === undefined) throw new Error("not a frame");
    const payload = await tryOpen(chain, header.kid, bytes);
    if (payload === undefined) continue;
    opened.push(payload);
    chains.set(bytes[0] ?? 0, await ratchet(chain));
  }
  return opened;
}

function textsOf(payloads: Payload[]): (string | undefined)[] {
  return payloads.filter(({ kind }) => kind === Kind.Text).map(({ content }) => fromUtf8(content));
}

describe("forward secrecy", () => {
  test("the keys after a message open neither it nor any before it", async () => {
    const { conversation, copy } = await Conversation.begin();
    const texts = ["a", "b", "c", "d", "e"];
    for (const text of texts) await conversation.say(text);
    expect(textsOf(await read(conversation.recorded, copy))).toEqual(texts);
    let chain = copy.opener;
    for (let after = 0; after < texts.length; after++) {
      chain = await ratchet(chain);
      // The copied key, and all keys that follow from it, with every number.
      let next = chain;
      for (let step = 0; step < 8; step++, next = await ratchet(next)) {
        for (const bytes of conversation.recorded.slice(0, after + 1)) {
          for (let kid = 0n; kid < 8n; kid++) expect(await tryOpen(next, kid, bytes)).toBeUndefined();
        }
      }
    }
  });
});

describe("recovery", () => {
  test("after a fresh encapsulation a copied state opens nothing new, whoever offered it", async () => {
    for (let rounds = 1; rounds <= 2; rounds++) {
      const { conversation, copy } = await Conversation.begin();
      await conversation.say("read");
      await conversation.answer("read, too");
      for (let i = 0; i < rounds; i++) await conversation.renew();
      await conversation.say("not read");
      await conversation.answer("not read, either");
      const opened = await read(conversation.recorded, copy);
      expect(textsOf(opened)).toEqual(["read", "read, too"]);
      // It reads how the keys are renewed, up to the switch of each direction, and that does not help.
      expect(opened.map(({ kind }) => kind).filter((kind) => kind >= Kind.Offer)).toEqual([
        Kind.Offer,
        Kind.Answer,
        Kind.Switch,
      ]);
    }
  });

  test("whoever has the state and the encapsulation, but neither its key nor its randomness, has another root", async () => {
    const { conversation, copy } = await Conversation.begin();
    await conversation.renew();
    await conversation.say("not read");
    const opened = await read(conversation.recorded, copy);
    const [offer, answer] = [Kind.Offer, Kind.Answer].map((kind) =>
      opened.find((frame) => frame.kind === kind),
    );
    if (offer === undefined || answer === undefined) throw new Error("there was no renewal");
    const hash = async (bytes: Bytes): Promise<Bytes> =>
      new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const transcript = await transcriptOf(
      copy.transcript,
      await hash(offer.content),
      await hash(answer.content),
    );
    // It encapsulates to the offered key itself: the best that it can do.
    const input = { psk: copy.next, label: "pipe rekey", context: copy.transcript };
    const { exchange } = await encapsulate(offer.content, input, new Uint8Array());
    const guess = await deriveEpoch(copy.next.slice(), await exchange.export("pipe root"), transcript);
    expect(textsOf(await read(conversation.recorded, guess))).toEqual([]);
  });

  test("an encapsulation opens only with its key and its pre-shared key", async () => {
    const [key, other] = [await generateKemKey(), await generateKemKey()];
    const input = { psk: random(32), label: "pipe rekey", context: random(64) };
    const made = await encapsulate(key.publicKey, input, new Uint8Array([1]));
    const open = (with_: typeof key, how: typeof input) =>
      decapsulate(with_, made.encapsulated, how, made.ciphertext);
    expect((await open(key, input))?.plaintext).toEqual(new Uint8Array([1]));
    expect(await open(other, input)).toBeUndefined();
    expect(await open(key, { ...input, psk: random(32) })).toBeUndefined();
    expect(await open(key, { ...input, context: random(64) })).toBeUndefined();
    expect(await open(key, { ...input, label: "pipe join" })).toBeUndefined();
  });
});

describe("erasure", () => {
  test("secrets that went into a root are overwritten", async () => {
    const [join, accept] = [random(32), random(32)];
    const { keys } = await deriveSession(join, accept, random(32));
    expect([join, accept]).toEqual([new Uint8Array(32), new Uint8Array(32)]);
    const fresh = random(32);
    await deriveEpoch(keys.next, fresh, random(32));
    expect([keys.next, fresh]).toEqual([new Uint8Array(32), new Uint8Array(32)]);
  });
});
