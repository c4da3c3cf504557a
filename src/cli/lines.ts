import { MAX_TEXT } from "../protocol/limits.ts";
import { Failure } from "./failure.ts";
import { split } from "./split.ts";

/** A line of the input, or a piece of one that is too long for a message. */
export interface Line {
  /** Of the first line: 1. */
  readonly number: number;
  readonly text: string;
}

/** UTF-8 bytes that a code point takes at the most. RFC 3629 §3. */
const MAX_BYTES = 4;

/** A line that is longer cannot be one message. Behind it may stand a CR, and one more code point tells that it goes on. */
const LONGEST = MAX_BYTES * (MAX_TEXT + 2);

const LINE_FEED = 0x0a;

/**
 * The lines of UTF-8, without the LF or CR LF at their ends; what stands behind the last LF is a line, too, unless it is empty.
 * Never holds more than a chunk and a message. Lines of more than {@link MAX_TEXT} code points are refused, or cut.
 * @throws Failure for a line that is too long or not UTF-8
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longLines: "refuse" | "split",
): AsyncGenerator<Line, undefined> {
  let number = 1;
  let open = new Uint8Array();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const part = chunk.subarray(start, end);
      const line = decode(open.length === 0 ? part : joined(open, part), number);
      yield* pieces(line.endsWith("\r") ? line.slice(0, -1) : line, number, longLines);
      open = new Uint8Array();
      start = end + 1;
      number++;
    }
    open = joined(open, chunk.subarray(start));
    if (open.length <= LONGEST) continue;
    // It is not waited for the end of a line that has none.
    if (longLines === "refuse") throw tooLong(number);
    const known = decode(wholeCodePoints(open), number);
    // The last piece depends on what follows.
    const settled = split(known).slice(0, -1);
    for (const text of settled) yield { number, text };
    open = open.slice(settled.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  }
  if (open.length > 0) yield* pieces(decode(open, number), number, longLines);
}

function* pieces(line: string, number: number, longLines: "refuse" | "split"): Generator<Line, undefined> {
  const texts = split(line);
  if (texts.length > 1 && longLines === "refuse") throw tooLong(number);
  for (const text of texts) yield { number, text };
}

function decode(bytes: Uint8Array, number: number): string {
  try {
    // A byte order mark within the input is a character like any other.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure(`Line ${number} is not valid UTF-8`, { cause: error });
  }
}

/** Without the code point at the end that is still coming. */
function wholeCodePoints(bytes: Uint8Array): Uint8Array {
  let end = bytes.length - 1;
  while (end > bytes.length - MAX_BYTES && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function tooLong(number: number): Failure {
  return new Failure(
    `Line ${number} is longer than ${MAX_TEXT} characters. --split makes several messages of such a line`,
  );
}
