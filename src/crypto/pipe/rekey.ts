// Fresh encapsulations. One end offers a new key and the other one encapsulates to it, so a copy of either end's state from before
// is useless for what follows. They take turns.
import { sha256 } from "../primitives.ts";
import { concat, type Bytes } from "../bytes.ts";
import { PipeFailed } from "./failed.ts";
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
import { chainsOf, deriveEpoch, transcriptOf, type Chains, type EpochKeys } from "./keys.ts";

/** How long the keys of an epoch are used, in milliseconds. */
const EPOCH_MS = 5 * 60_000;

const NOTHING: Bytes = new Uint8Array();

export class Rekey {
  readonly #isOpener: boolean;
  readonly #now: () => number;
  #secret: Pick<EpochKeys, "next" | "transcript">;
  #epoch = 0;
  #since: number;
  /** Our key, until it is answered. */
  #offered: KemKey | undefined;
  /** The other end's new chain, until it uses it. */
  #awaited: CryptoKey | undefined;

  constructor(isOpener: boolean, { next, transcript }: EpochKeys, now: () => number) {
    this.#isOpener = isOpener;
    this.#now = now;
    this.#secret = { next, transcript };
    this.#since = now();
  }

  get #isOurTurn(): boolean {
    return this.#isOpener === (this.#epoch % 2 === 0);
  }

  /** Whether the other end has something to say before the keys are renewed. */
  get isPending(): boolean {
    return this.#offered !== undefined || this.#awaited !== undefined;
  }

  /** Returns a key to offer, if it is time. */
  async offer(): Promise<Bytes | undefined> {
    if (!this.#isOurTurn || this.#offered !== undefined) return undefined;
    if (this.#now() - this.#since < EPOCH_MS) return undefined;
    this.#offered = await generateKemKey();
    return this.#offered.publicKey;
  }

  /** Answers an offer. Our frames after the answer use `chain`. */
  async answer(publicKey: Bytes): Promise<{ content: Bytes; chain: CryptoKey }> {
    if (this.#isOurTurn || this.#awaited !== undefined || publicKey.length !== PUBLIC_KEY_BYTES) {
      throw unexpected();
    }
    const made = await encapsulate(publicKey, await this.#input(publicKey), NOTHING).catch(() => {
      throw unexpected();
    });
    const content = concat(made.encapsulated, made.ciphertext);
    const keys = await this.#advance(publicKey, content, made.exchange);
    const { send, receive } = chainsOf(keys, this.#isOpener);
    this.#awaited = receive;
    return { content, chain: send };
  }

  /** Reads the answer to our offer. The other end's frames after it use `receive`; ours after the switch use `send`. */
  async complete(content: Bytes): Promise<Chains> {
    const key = this.#offered;
    if (key === undefined) throw unexpected();
    const encapsulated = content.slice(0, ENCAPSULATED_BYTES);
    const ciphertext = content.slice(ENCAPSULATED_BYTES);
    const opened = await decapsulate(key, encapsulated, await this.#input(key.publicKey), ciphertext);
    if (opened === undefined) throw unexpected();
    const keys = await this.#advance(key.publicKey, content, opened.exchange);
    this.erase();
    this.#nextEpoch();
    return chainsOf(keys, this.#isOpener);
  }

  /** The other end uses its new chain from now on. Returns it. */
  switched(): CryptoKey {
    const chain = this.#awaited;
    if (chain === undefined) throw unexpected();
    this.#awaited = undefined;
    this.#nextEpoch();
    return chain;
  }

  /** Forgets the key that was offered. */
  erase(): void {
    this.#offered?.seed.fill(0);
    this.#offered = undefined;
  }

  #nextEpoch(): void {
    this.#epoch++;
    this.#since = this.#now();
  }

  async #input(publicKey: Bytes): Promise<ExchangeInput> {
    const { next, transcript } = this.#secret;
    return { psk: next, label: "pipe rekey", context: concat(transcript, await sha256(publicKey)) };
  }

  async #advance(publicKey: Bytes, content: Bytes, exchange: Exchange): Promise<EpochKeys> {
    const { next, transcript } = this.#secret;
    const said = await transcriptOf(transcript, await sha256(publicKey), await sha256(content));
    const keys = await deriveEpoch(next, await exchange.export("pipe root"), said);
    this.#secret = { next: keys.next, transcript: keys.transcript };
    return keys;
  }
}

function unexpected(): PipeFailed {
  return new PipeFailed("protocol", "The other end of the pipe broke the protocol while renewing keys");
}
