import { plain, visible, type Plain } from "../plain.ts";
import { widthOf } from "../width.ts";
import { NEW_LINE, type Draft } from "./keyboard.ts";

/** A draft as it is drawn: rows of a terminal. */
export interface DraftView {
  readonly rows: readonly Plain[];
  /** The row of the cursor. */
  readonly row: number;
  /** What is before the cursor in that row: where it ends, the cursor is, however wide the terminal draws it. */
  readonly beforeCursor: Plain;
}

interface Row {
  text: string;
  width: number;
}

/**
 * Wraps a draft after a prompt. Rows end between graphemes, a column before the edge, where the cursor has its place. Of a long draft,
 * only the rows around the cursor are drawn.
 */
export function draftView(
  prompt: Plain,
  { text, cursor }: Draft,
  columns: number,
  maxRows: number,
): DraftView {
  const indent = " ".repeat(widthOf(prompt));
  const room = Math.max(columns - indent.length - 1, 1);
  const rows: Row[] = [{ text: "", width: 0 }];
  let last: Row = { text: "", width: 0 };
  const begin = () => rows.push((last = { text: "", width: 0 }));
  rows[0] = last;
  let at: { row: number; before: string } | undefined;
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    const shown = segment === NEW_LINE ? "" : visible(segment);
    const width = Bun.stringWidth(shown);
    if (last.width + width > room) begin();
    if (index >= cursor) at ??= { row: rows.length - 1, before: last.text };
    if (segment === NEW_LINE) begin();
    last.text += shown;
    last.width += width;
  }
  at ??= { row: rows.length - 1, before: last.text };
  const first = Math.max(Math.min(at.row - Math.floor(maxRows / 2), rows.length - maxRows), 0);
  const lead = (row: number) => (row === 0 ? prompt : plain`${indent}`);
  return {
    rows: rows.slice(first, first + maxRows).map((row, i) => plain`${lead(first + i)}${row.text}`),
    row: at.row - first,
    beforeCursor: plain`${lead(at.row)}${at.before}`,
  };
}
