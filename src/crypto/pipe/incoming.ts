import { areEqual, type Bytes } from "../bytes.ts";
import { decryptFrame, deriveSFrameKey, ratchet, readHeader } from "../sframe.ts";
import { decodePayload, type Payload } from "./frame.ts";
import { SESSION_ID_BYTES } from "./keys.ts";
import { COUNTER, WINDOW } from "./outgoing.ts";
import { PipeFailed } from "./failed.ts";

/** How far ahead a frame may be: the window, and more control frames than there can be. */
const LOOKAHEAD = 2 * WINDOW;

/** Bytes before SFrame's frame: type and session. */
const HEAD_BYTES = 1 + SESSION_ID_BYTES;

export type Opened =
  | { readonly result: "opened"; readonly payload: Payload }
  /** A later frame: authentic, so that others are missing before it; not authentic; or not checked. */
  | { readonly result: "hole" | "stranger" | "unchecked" }
  /** It claims to be the next frame and is not. */
  | { readonly result: "altered" }
  /** A frame that is known already, of another session, or nonsense. */
  | { readonly result: "ignored" };

/** Decrypts the frames of one direction, each once and in order. */
export class Incoming {
  readonly #id: Bytes;
  /** SFrame's base key of the next frame. */
  #chain: CryptoKey;
  #next = 0;

  constructor(id: Bytes, chain: CryptoKey) {
    this.#id = id;
    this.#chain = chain;
  }

  /** Number of the next frame. */
  get next(): number {
    return this.#next;
  }

  /** Goes on with the keys of another epoch. */
  renew(chain: CryptoKey): void {
    this.#chain = chain;
  }

  /**
   * `checksLater`: whether to check later frames, each of which costs up to some ten milliseconds.
   * @throws PipeFailed if the frame is authentic, and of no known version
   */
  async open(bytes: Bytes, checksLater: boolean): Promise<Opened> {
    const header = readHeader(bytes.subarray(HEAD_BYTES));
    if (header?.ctr !== COUNTER || !areEqual(bytes.subarray(1, HEAD_BYTES), this.#id)) {
      return { result: "ignored" };
    }
    const ahead = header.kid - BigInt(this.#next);
    if (ahead < 0n || ahead > LOOKAHEAD) return { result: "ignored" };
    if (ahead > 0n) {
      if (!checksLater) return { result: "unchecked" };
      return { result: (await this.#isAuthentic(bytes, header.kid)) ? "hole" : "stranger" };
    }

    const [plaintext, next] = await Promise.all([
      decrypt(this.#chain, header.kid, bytes),
      ratchet(this.#chain),
    ]);
    if (plaintext === undefined) return { result: "altered" };
    this.#chain = next;
    this.#next++;
    const payload = decodePayload(plaintext);
    if (payload === undefined) {
      throw new PipeFailed("protocol", "The other end of the pipe runs another version of Malten");
    }
    return { result: "opened", payload };
  }

  /** Whether a later frame is the other end's. Without this, anyone with the link could pretend that frames are missing. */
  async #isAuthentic(bytes: Bytes, kid: bigint): Promise<boolean> {
    let chain = this.#chain;
    for (let i = BigInt(this.#next); i < kid; i++) chain = await ratchet(chain);
    return (await decrypt(chain, kid, bytes)) !== undefined;
  }
}

async function decrypt(chain: CryptoKey, kid: bigint, bytes: Bytes): Promise<Bytes | undefined> {
  const key = await deriveSFrameKey(chain, kid);
  return decryptFrame(key, bytes.subarray(HEAD_BYTES), bytes.subarray(0, HEAD_BYTES));
}
