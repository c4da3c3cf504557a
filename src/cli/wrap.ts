import { Plain } from "./plain.ts";

/** Marks and format characters take no column, and Hangul vowels and finals none of their own. Soft hyphens do in some terminals. */
const WITHOUT_WIDTH = /^(?!\u00ad)[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

/** SGR, or what {@link styled} makes one of. */
const STYLE = /[\u001b\u241b]\[[0-9;:]{0,64}m/g;

const TAB = 8;

/** Of the further rows of what is not a message. */
const INDENT = 2;

const ASCII = /^[ -~]*$/;

/** Where the rows of a line begin, and the width of the window, in columns. */
interface Room {
  /** Of the first row. */
  readonly first: number;
  /** Of all others. */
  readonly indent: number;
  readonly columns: number;
}

/** What is not broken, and its width on the terminals that draw it widest. */
interface Piece {
  readonly text: string;
  readonly width: number;
}

/**
 * Breaks a line into rows that no terminal wraps again, because it could begin what looks like another line. Never within a grapheme, or
 * what styles the text, which has no width.
 */
export function wrap(line: string, { first, indent, columns }: Room): string[] {
  if (first + line.length <= columns && ASCII.test(line)) return [line];
  const edge = Math.max(columns, indent + 2);
  const rows: string[] = [];
  let row = "";
  let column = first;
  for (const { text, width } of pieces(line)) {
    const after = () => (text === "\t" ? (Math.floor(column / TAB) + 1) * TAB : column + width);
    if (after() > edge && column > indent) {
      rows.push(row);
      row = "";
      column = indent;
    }
    row += text;
    column = after();
  }
  return [...rows, row];
}

/** Indents all rows of a line but the first. */
export function hanging(line: Plain, columns: number, indent = INDENT): Plain {
  return Plain.own(wrap(line.text, { first: 0, indent, columns }).join(`\n${" ".repeat(indent)}`));
}

function* pieces(line: string): Generator<Piece> {
  let end = 0;
  for (const { 0: style, index } of line.matchAll(STYLE)) {
    yield* graphemes(line.slice(end, index));
    yield { text: style, width: 0 };
    end = index + style.length;
  }
  yield* graphemes(line.slice(end));
}

function* graphemes(text: string): Generator<Piece> {
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    // Some terminals draw the parts of an emoji one beside the other.
    const apart = Array.from(segment, widthOfCharacter).reduce((sum, width) => sum + width, 0);
    yield { text: segment, width: Math.max(Bun.stringWidth(segment), apart) };
  }
}

function widthOfCharacter(character: string): number {
  return Bun.stringWidth(character) || (WITHOUT_WIDTH.test(character) ? 0 : 1);
}
