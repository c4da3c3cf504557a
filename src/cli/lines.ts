import { MAX_TEXT } from "../protocol/limits.ts";
import { Failure } from "./failure.ts";
import { split } from "./split.ts";

/** A line of the input, or a piece of a line too long for one message. */
export interface Line {
  /** Line number, from 1. */
  readonly number: number;
  readonly text: string;
}

/** Maximum number of UTF-8 bytes per code point (RFC 3629 §3). */
const MAX_BYTES = 4;

/** An unfinished line of more bytes is certainly too long: one code point for a CR, and one that proves that the line goes on. */
const MAX_UNFINISHED = MAX_BYTES * (MAX_TEXT + 2);

export const TOO_LONG = `text is longer than ${MAX_TEXT} characters. Use --split to send it as several messages`;

const LINE_FEED = 0x0a;

/**
 * Splits UTF-8 into lines, without their LF or CR LF. The last line may lack one. Buffers at most a chunk and a message. Lines of
 * more than {@link MAX_TEXT} code points are rejected or split.
 * @throws Failure for a line that is too long or not UTF-8
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longLines: "reject" | "split",
): AsyncGenerator<Line, undefined> {
  let number = 1;
  let unfinished = new Uint8Array();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const part = chunk.subarray(start, end);
      const line = decode(unfinished.length === 0 ? part : concat(unfinished, part), number);
      yield* pieces(line.endsWith("\r") ? line.slice(0, -1) : line, number, longLines);
      unfinished = new Uint8Array();
      start = end + 1;
      number++;
    }
    unfinished = concat(unfinished, chunk.subarray(start));
    if (unfinished.length <= MAX_UNFINISHED) continue;
    // Do not wait for the end of the line: it may never come.
    if (longLines === "reject") throw tooLong(number);
    const known = decode(wholeCodePoints(unfinished), number);
    // The bytes that follow may change the last piece.
    const complete = split(known).slice(0, -1);
    for (const text of complete) yield { number, text };
    unfinished = unfinished.slice(complete.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  }
  if (unfinished.length > 0) yield* pieces(decode(unfinished, number), number, longLines);
}

function* pieces(line: string, number: number, longLines: "reject" | "split"): Generator<Line, undefined> {
  const texts = split(line);
  if (texts.length > 1 && longLines === "reject") throw tooLong(number);
  for (const text of texts) yield { number, text };
}

function decode(bytes: Uint8Array, number: number): string {
  try {
    // A byte order mark inside the input is an ordinary character.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure(`line ${number}: not valid UTF-8`, { cause: error });
  }
}

/** Returns the bytes without the last code point, which may be incomplete. */
function wholeCodePoints(bytes: Uint8Array): Uint8Array {
  let end = bytes.length - 1;
  while (end > bytes.length - MAX_BYTES && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function tooLong(number: number): Failure {
  return new Failure(`line ${number}: ${TOO_LONG}`);
}
