/**
 * Makes text from others safe to print on a terminal: no escape sequences, no bidirectional controls that reach beyond the text
 * (Trojan Source, CVE-2021-42574). Servers reject control characters, but a hostile server may send them in any field.
 */

import { controlPicture } from "../protocol/control-picture.ts";

/** C0, DEL, C1, and the line and paragraph separators. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** The characters of Unicode's property Bidi_Control. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What JSON does not escape by itself. */
const UNESCAPED = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Blocks of scripts that are written from right to left, and the characters of Bidi_Control. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const ISOLATES = /[\u2066-\u2069]/g;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Text that is safe to print on a terminal. Only this file makes it, and an {@link Output} accepts nothing else. */
export class Plain {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Text of this program. Text from others goes through {@link plain}. */
  static own(text: string): Plain {
    return new Plain(text);
  }
}

/** Template tag: makes the strings in the placeholders visible, so that they stay on one line and control nothing. */
export function plain(
  literals: TemplateStringsArray,
  ...values: readonly (string | number | Plain)[]
): Plain {
  const pieces = literals.map((literal, i) => {
    const value = values[i] ?? "";
    return literal + (value instanceof Plain ? value.text : visible(String(value)));
  });
  return Plain.own(pieces.join(""));
}

/** Joins texts. */
export function join(texts: readonly Plain[], separator: string): Plain {
  return Plain.own(texts.map(({ text }) => text).join(separator));
}

/** Makes the characters visible that control a terminal or the direction of text: ␛ for ESC, `<U+202E>`. */
export function visible(text: string): string {
  return text.replaceAll(CONTROL, symbol).replaceAll(BIDI, codePoint);
}

/** A line of a message with what controls a terminal made visible; keeps its tabs, and what controls the direction of its text. */
export function visibleLine(line: string): string {
  return line.replaceAll(CONTROL, unlessTab);
}

/**
 * A line of a message: keeps its tabs, and its bidirectional controls, whose effect ends with it (UAX #9 §6.3). Closes the isolates
 * that the line leaves open, and drops closing characters without an opening one. Where nothing is written from right to left, nothing
 * is added, which would be copied along with the text.
 */
export function isolated(line: string): Plain {
  if (!RIGHT_TO_LEFT.test(line)) return Plain.own(visibleLine(line));
  let open = 0;
  const balanced = visibleLine(line).replaceAll(ISOLATES, (character) => {
    if (character !== POP_ISOLATE) open++;
    else if (open === 0) return "";
    else open--;
    return character;
  });
  return Plain.own(`${FIRST_STRONG_ISOLATE}${balanced}${POP_ISOLATE.repeat(open + 1)}`);
}

/** JSON on one line, with all control characters escaped. */
export function json(value: unknown): Plain {
  return Plain.own(
    JSON.stringify(value).replaceAll(
      UNESCAPED,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  );
}

function unlessTab(character: string): string {
  return character === "\t" ? character : symbol(character);
}

function symbol(character: string): string {
  return character <= "\u007f" ? controlPicture(character) : codePoint(character);
}

function codePoint(character: string): string {
  return `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`;
}
