import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { plain } from "../plain.ts";
import { widthOf } from "../width.ts";
import { draftView } from "./draft-view.ts";
import { NEW_LINE } from "./keyboard.ts";

const PROMPT = plain`Ann: `;

function view(text: string, { cursor = text.length, columns = 20, maxRows = 8 } = {}) {
  const { rows, row, beforeCursor } = draftView(PROMPT, { text, cursor }, columns, maxRows);
  return { rows: rows.map((each) => each.text), row, before: beforeCursor.text };
}

test("rows begin below the first one, and leave a column for the cursor", () => {
  expect(view("")).toEqual({ rows: ["Ann: "], row: 0, before: "Ann: " });
  const fourteen = "abcdefghijklmn";
  expect(view(fourteen).rows).toEqual([`Ann: ${fourteen}`]);
  expect(view(`${fourteen}o`)).toEqual({ rows: [`Ann: ${fourteen}`, "     o"], row: 1, before: "     o" });
  expect(view(`a${NEW_LINE}${NEW_LINE}b`, { cursor: 2 })).toEqual({
    rows: ["Ann: a", "     ", "     b"],
    row: 1,
    before: "     ",
  });
});

test("wide characters and emoji are not cut in two", () => {
  expect(view("你".repeat(8))).toMatchObject({ rows: [`Ann: ${"你".repeat(7)}`, "     你"] });
  expect(view("👨‍👩‍👧".repeat(8)).rows).toEqual([`Ann: ${"👨‍👩‍👧".repeat(7)}`, "     👨‍👩‍👧"]);
});

test("of a long draft, the rows around the cursor are shown", () => {
  const text = Array.from({ length: 20 }, (_, i) => `${i}`).join(NEW_LINE);
  expect(view(text, { maxRows: 3 })).toEqual({
    rows: ["     17", "     18", "     19"],
    row: 2,
    before: "     19",
  });
  expect(view(text, { maxRows: 3, cursor: 0 }).rows).toEqual(["Ann: 0", "     1", "     2"]);
  expect(view(text, { maxRows: 3, cursor: 21 })).toMatchObject({
    rows: ["     9", "     10", "     11"],
    row: 1,
  });
});

test("property: no row reaches the edge, and nothing in it controls the terminal", () => {
  const unit = fc.oneof(
    fc.constantFrom(NEW_LINE, "\u001b", "\u009b", "\u202e", "\t", "你"),
    fc.string({ unit: "grapheme" }),
  );
  fc.assert(
    fc.property(fc.array(unit), fc.nat(), fc.integer({ min: 20, max: 100 }), (units, at, columns) => {
      const text = units.join("");
      const { rows, row, beforeCursor } = draftView(
        PROMPT,
        { text, cursor: at % (text.length + 1) },
        columns,
        5,
      );
      expect(rows.length).toBeLessThanOrEqual(5);
      expect(rows[row]?.text.startsWith(beforeCursor.text)).toBe(true);
      for (const each of rows) {
        expect(widthOf(each)).toBeLessThan(columns);
        expect(each.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      }
    }),
  );
});
