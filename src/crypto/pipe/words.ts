import type { Bytes } from "../bytes.ts";

const WORDS = 6;
/** Bits of a word: the list has 2048. */
const WORD_BITS = 11;

/** Bytes that {@link toWords} needs, for 66 bits. */
export const WORDS_BYTES = Math.ceil((WORDS * WORD_BITS) / 8);

/** Six words of the English list of BIP 39, 11 bits each, from the first bits on. */
export async function toWords(bytes: Bytes): Promise<string[]> {
  // A chunk of its own in the page: a fifth of all that pipes need.
  const { wordlist } = await import("@scure/bip39/wordlists/english.js");
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: WORDS }, (_, i) => {
    const index = Number.parseInt(bits.slice(i * WORD_BITS, (i + 1) * WORD_BITS), 2);
    return wordlist[index] ?? "";
  });
}
