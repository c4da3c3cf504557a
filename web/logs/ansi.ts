// Colours in the output of programs: Select Graphic Rendition (ECMA-48 §8.3.117). Everything else that could control a terminal is left
// out or made visible. Reads each character once or twice, whatever it is given.

import { controlPicture } from "../../src/protocol/control-picture.ts";

/** A piece of a text, with its style if it has one. */
export interface StyledText {
  readonly text: string;
  readonly style: TextStyle | undefined;
}

export interface TextStyle {
  readonly colour?: Colour | undefined;
  readonly background?: Colour | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  /** Colour and background are exchanged. */
  readonly inverse?: boolean;
}

/** One of the 16 colours that every terminal names itself, or a mixture. */
export type Colour = number | Rgb;

/** Each 0 to 255. */
export interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** ESC; the symbol in its place in texts that cannot contain it (`malten send`); and the CSI of C1. */
const ESCAPE = /[\u001b\u241b\u009b]/g;

const C1_CSI = "\u009b";

/** Control sequence (ECMA-48 §5.4), without its introducer. */
const CONTROL_SEQUENCE = /([0-?]*)[ -/]*([@-~])/y;

/** Control string: a title, a link. Ends with BEL or ST; their symbols count as well. */
const CONTROL_STRING = /[\]P^_X][^\u0007\u2407\u001b\u241b\u009c]*(?:[\u0007\u2407\u009c]|[\u001b\u241b]\\)/y;

/** Designates a character set: `tput sgr0` does. */
const CHARACTER_SET = /[()*+][0-9A-Za-z]/y;

/** Control characters that a text on a page has no use for. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** More codes in one sequence than any program sends; the rest is ignored. */
const MAX_CODES = 64;

const PLAIN: TextStyle = {};

/** Splits a text where its style changes. */
export function parseAnsi(text: string): StyledText[] {
  const pieces: StyledText[] = [];
  let style = PLAIN;
  let end = 0;
  const add = (piece: string): void => {
    if (piece !== "") pieces.push({ text: visible(piece), style: style === PLAIN ? undefined : style });
  };
  for (const { 0: introducer, index } of text.matchAll(ESCAPE)) {
    // Inside a sequence that was read.
    if (index < end) continue;
    const found = readSequence(text, index + 1, introducer === C1_CSI);
    add(text.slice(end, found === undefined ? index + 1 : index));
    end = found?.end ?? index + 1;
    if (found?.codes !== undefined) style = restyle(style, found.codes);
  }
  add(text.slice(end));
  return pieces;
}

/** The text without what is not shown. */
export function withoutAnsi(text: string): string {
  if (text.search(ESCAPE) === -1) return visible(text);
  return parseAnsi(text)
    .map((piece) => piece.text)
    .join("");
}

interface Sequence {
  readonly end: number;
  /** The parameters, if it changes the style. */
  readonly codes?: string;
}

function readSequence(text: string, start: number, isC1: boolean): Sequence | undefined {
  if (isC1 || text[start] === "[") {
    const first = isC1 ? start : start + 1;
    const match = matchAt(CONTROL_SEQUENCE, text, first);
    if (match === undefined) return undefined;
    const [whole, codes = "", final] = match;
    const end = first + whole.length;
    return final === "m" && /^[\d;:]*$/.test(codes) ? { end, codes } : { end };
  }
  const other = matchAt(CONTROL_STRING, text, start) ?? matchAt(CHARACTER_SET, text, start);
  return other === undefined ? undefined : { end: start + other[0].length };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text) ?? undefined;
}

function visible(text: string): string {
  return text.replaceAll(CONTROL, controlPicture);
}

function restyle(before: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(";", MAX_CODES);
  let style = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? "";
    if (code.includes(":")) {
      style = { ...style, ...subStyle(code.split(":", MAX_CODES)) };
    } else if (code === "38" || code === "48") {
      const { colour, length } = colourOf(codes.slice(i + 1, i + 5));
      style = { ...style, ...painted(code, colour) };
      i += length;
    } else {
      style = simpleStyle(style, Number(code));
    }
  }
  return style;
}

function simpleStyle(before: TextStyle, code: number): TextStyle {
  if (code >= 30 && code <= 37) return { ...before, colour: code - 30 };
  if (code >= 40 && code <= 47) return { ...before, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...before, colour: code - 82 };
  if (code >= 100 && code <= 107) return { ...before, background: code - 92 };
  const change = CHANGES.get(code);
  if (change === undefined) return before;
  return change === PLAIN ? PLAIN : { ...before, ...change };
}

/** What is not here, such as blinking and concealed text, is ignored: nothing is hidden. */
const CHANGES: ReadonlyMap<number, TextStyle> = new Map([
  [0, PLAIN],
  [1, { bold: true }],
  [2, { dim: true }],
  [3, { italic: true }],
  [4, { underline: true }],
  [7, { inverse: true }],
  [21, { underline: true }],
  [22, { bold: false, dim: false }],
  [23, { italic: false }],
  [24, { underline: false }],
  [27, { inverse: false }],
  [39, { colour: undefined }],
  [49, { background: undefined }],
]);

/** A code with sub-parameters (ISO 8613-6): `38:5:208`, `38:2::255:128:0`, `4:3`. */
function subStyle([code = "", ...rest]: readonly string[]): TextStyle {
  if (code === "4") return { underline: rest[0] !== "0" };
  if (code !== "38" && code !== "48") return {};
  // With the space of colours, which nobody uses, or without.
  const values = rest[0] === "2" && rest.length > 4 ? ["2", ...rest.slice(2)] : rest;
  return painted(code, colourOf(values).colour);
}

function painted(code: "38" | "48", colour: Colour | undefined): TextStyle {
  if (colour === undefined) return {};
  return code === "38" ? { colour } : { background: colour };
}

/** Reads a colour, and how many codes it takes. */
function colourOf([kind, ...values]: readonly string[]): { colour: Colour | undefined; length: number } {
  if (kind === "5") return { colour: indexed(byte(values[0])), length: 2 };
  if (kind !== "2") return { colour: undefined, length: 0 };
  const [red, green, blue] = [byte(values[0]), byte(values[1]), byte(values[2])];
  const isWhole = red !== undefined && green !== undefined && blue !== undefined;
  return { colour: isWhole ? { red, green, blue } : undefined, length: 4 };
}

function byte(digits: string | undefined): number | undefined {
  const value = Number(digits);
  return Number.isInteger(value) && value <= 0xff ? value : undefined;
}

/** The 256 colours of xterm: 16 that are named, a cube of 6 × 6 × 6, and 24 shades of grey. */
function indexed(index: number | undefined): Colour | undefined {
  if (index === undefined || index < 16) return index;
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return { red: grey, green: grey, blue: grey };
  }
  const step = (level: number): number => (level === 0 ? 0 : 55 + 40 * level);
  const cube = index - 16;
  return {
    red: step(Math.floor(cube / 36)),
    green: step(Math.floor(cube / 6) % 6),
    blue: step(cube % 6),
  };
}
