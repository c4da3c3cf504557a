// Looks for secrets in large amounts of bytes, in every encoding in which they might have been written there.

export interface Secret {
  /** What a failed test calls it. */
  readonly name: string;
  /** Random bytes, or a text of random letters. */
  readonly value: Uint8Array | string;
  /** Whether parts of it may occur elsewhere, as of ordinary words: it is looked for as a whole. */
  readonly isWhole?: boolean;
}

/** Bytes to look for. */
interface Needle {
  readonly bytes: Buffer;
  readonly found: string;
}

/** Every run of 16 bytes has one of these blocks in it. */
const BINARY_BLOCK = 8;

/** Blocks of text, in bytes: as unlikely to be found by chance as {@link BINARY_BLOCK} random bytes. */
const TEXT_BLOCK = 12;

const FILTER_BITS = 22;

/** Finds secrets, also parts of at least 16 bytes of one, forwards and backwards. */
export class Detector {
  private readonly needles = new Map<number, Needle[]>();
  /** Whether a needle may begin with four bytes, by their hash: most bytes are done with after one look at it. */
  private readonly filter = new Uint8Array(2 ** FILTER_BITS);

  constructor(secrets: readonly Secret[]) {
    for (const { name, value, isWhole = false } of secrets)
      for (const [encoding, bytes, size] of encodings(value)) {
        const block = isWhole ? bytes.length : size;
        for (let start = 0; start + block <= bytes.length; start += block)
          this.add({ bytes: bytes.subarray(start, start + block), found: `${name} (${encoding})` });
      }
  }

  /** Returns what was found, each secret in each encoding once. */
  find(bytes: Uint8Array): string[] {
    const found = new Set<string>();
    const hay = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { filter } = this;
    let four = 0;
    for (let i = 0; i < bytes.length; i++) {
      four = (four << 8) | (bytes[i] ?? 0);
      if (filter[hash(four)] === 0 || i < 3) continue;
      const start = i - 3;
      for (const needle of this.needles.get(four) ?? [])
        if (
          hay.compare(
            needle.bytes,
            0,
            needle.bytes.length,
            start,
            Math.min(start + needle.bytes.length, hay.length),
          ) === 0
        )
          found.add(needle.found);
    }
    return Array.from(found);
  }

  private add(needle: Needle): void {
    const key = needle.bytes.readInt32BE(0);
    this.filter[hash(key)] = 1;
    const others = this.needles.get(key);
    if (others) others.push(needle);
    else this.needles.set(key, [needle]);
  }
}

function hash(key: number): number {
  return Math.imul(key, 0x9e37_79b1) >>> (32 - FILTER_BITS);
}

type Encoding = readonly [name: string, bytes: Buffer, block: number];

/** Everything that the secret could look like. */
export function* encodings(value: Uint8Array | string): Generator<Encoding> {
  const bytes = Buffer.from(value);
  const isText = typeof value === "string";
  const block = isText ? TEXT_BLOCK : BINARY_BLOCK;
  yield ["raw", bytes, block];
  yield ["raw, reversed", Buffer.from(bytes.toReversed()), block];
  const texts = isText ? [...textual(bytes), ...escaped(value)] : textual(bytes);
  for (const [name, text, size] of texts) {
    yield [name, Buffer.from(text), size];
    yield [`${name}, reversed`, Buffer.from(Array.from(text).toReversed().join("")), size];
    yield [`${name}, UTF-16`, Buffer.from(text, "utf16le"), 2 * size];
    yield [`${name}, UTF-16 BE`, Buffer.from(text, "utf16le").swap16(), 2 * size];
  }
}

function* textual(bytes: Buffer): Generator<[name: string, text: string, block: number]> {
  const hex = bytes.toString("hex");
  yield ["hex", hex, 16];
  yield ["hex, upper case", hex.toUpperCase(), 16];
  yield ["percent", hex.replaceAll(/../g, "%$&"), 24];
  yield ["percent, upper case", hex.toUpperCase().replaceAll(/../g, "%$&"), 24];
  yield ["numbers", Array.from(bytes).join(","), 24];
  for (const encoding of ["base64", "base64url"] as const)
    for (const before of [0, 1, 2]) {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
      // What is next to the secret is in its first and its last character as well.
      const [start, end] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)];
      yield [`${encoding} at ${before}`, text.slice(start, end), TEXT_BLOCK];
    }
}

function* escaped(text: string): Generator<[name: string, text: string, block: number]> {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const units = Array.from({ length: text.length }, (_, i) => text.charAt(i));
  yield ["UTF-16", text, TEXT_BLOCK];
  yield ["JSON", units.map(escape).join(""), 36];
  yield ["JSON, where needed", text.replaceAll(/[^ -~]/g, escape), TEXT_BLOCK];
  yield ["percent, where needed", encodeURIComponent(text), TEXT_BLOCK];
}
