import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseAnsi, withoutAnsi, type TextStyle } from "./ansi.ts";

/** The pieces of a text, as [text, style]. */
function pieces(text: string): (readonly [string, TextStyle | undefined])[] {
  return parseAnsi(text).map((piece) => [piece.text, piece.style] as const);
}

/** The style in which a text is written after this sequence. */
function styleAfter(codes: string): TextStyle | undefined {
  return parseAnsi(`\u001b[${codes}mx`)[0]?.style;
}

describe("colours", () => {
  test("of ESC, of the symbol in its place, and of CSI", () => {
    for (const csi of ["\u001b[", "\u241b[", "\u009b"]) {
      expect(pieces(`a${csi}32mINFO${csi}0m b`)).toEqual([
        ["a", undefined],
        ["INFO", { colour: 2 }],
        [" b", undefined],
      ]);
    }
  });

  test("16, 256 and all", () => {
    expect(styleAfter("31")).toEqual({ colour: 1 });
    expect(styleAfter("97;100")).toEqual({ colour: 15, background: 8 });
    expect(styleAfter("38;5;1")).toEqual({ colour: 1 });
    expect(styleAfter("38;5;16")).toEqual({ colour: { red: 0, green: 0, blue: 0 } });
    expect(styleAfter("38;5;208")).toEqual({ colour: { red: 255, green: 135, blue: 0 } });
    expect(styleAfter("48;5;255")).toEqual({ background: { red: 238, green: 238, blue: 238 } });
    expect(styleAfter("38;2;1;2;3;1")).toEqual({ colour: { red: 1, green: 2, blue: 3 }, bold: true });
    expect(styleAfter("38:2:1:2:3")).toEqual({ colour: { red: 1, green: 2, blue: 3 } });
    expect(styleAfter("38:2::1:2:3")).toEqual({ colour: { red: 1, green: 2, blue: 3 } });
    expect(styleAfter("48:5:231;4:3")).toEqual({
      background: { red: 255, green: 255, blue: 255 },
      underline: true,
    });
  });

  test("bold, dim, italic, underlined, inverse, and their ends", () => {
    expect(styleAfter("1;2;3;4;7")).toEqual({
      bold: true,
      dim: true,
      italic: true,
      underline: true,
      inverse: true,
    });
    expect(styleAfter("1;31;22;39")).toMatchObject({ bold: false, colour: undefined });
    for (const reset of ["", "0", "1;0", "31;;"]) expect(styleAfter(reset)).toBeUndefined();
  });

  test("what is not a colour changes nothing, and conceals nothing", () => {
    for (const codes of [
      "8",
      "5",
      "38",
      "38;9",
      "38;5",
      "38;5;256",
      "38;2;1;2;300",
      "999999999999999999999",
      "4:0;38:",
    ])
      expect(pieces(`\u001b[${codes}mshown`).map(([text]) => text)).toEqual(["shown"]);
  });

  test("end with the message only", () => {
    expect(pieces("\u001b[31mone\ntwo")).toEqual([["one\ntwo", { colour: 1 }]]);
  });
});

describe("everything else", () => {
  test("that moves the cursor, erases, sets titles or links is left out", () => {
    for (const sequence of [
      "[2J",
      "[1;1H",
      "[?25l",
      "[>4;2m",
      "[10A",
      "(B",
      "]0;title\u0007",
      "]8;;http://x\u001b\\",
      "P1$r0m\u001b\\",
    ])
      expect(withoutAnsi(`a\u001b${sequence}b`)).toBe("ab");
    expect(withoutAnsi("a\u241b]0;title\u2407b")).toBe("ab");
  });

  test("is visible if it is not complete", () => {
    expect(withoutAnsi("a\u001b")).toBe("a\u241b");
    expect(withoutAnsi("\u001b[38;5")).toBe("\u241b[38;5");
    expect(withoutAnsi("\u001b]0;title without end")).toBe("\u241b]0;title without end");
    expect(withoutAnsi("ESC is \u241b, and 50% \u241b")).toBe("ESC is \u241b, and 50% \u241b");
  });

  test("is shown as a symbol", () => {
    expect(withoutAnsi("a\r\u0007\u0000\u007fb\tc\nd")).toBe("a\u240d\u2407\u2400\u2421b\tc\nd");
  });

  test("in brackets without ESC is text: a range of PromQL is no colour", () => {
    expect(pieces("rate(http_requests_total[5m])")).toEqual([["rate(http_requests_total[5m])", undefined]]);
  });
});

const hostile = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "\u241b",
      "\u009b",
      "[",
      "]",
      "m",
      ";",
      ":",
      "3",
      "8",
      "\\",
      "\u0007",
      "a",
    ),
  }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("\u001b[31m", "\u001b[0m", "\u241b[38;5;9m", "\u001b]", "\u001b[", "\u001b[999;"),
);

test("property: nothing is left that controls, all pieces join to the text without sequences, and text without ESC is as it was", () => {
  fc.assert(
    fc.property(fc.array(hostile), (parts) => {
      const text = parts.join("");
      const shown = parseAnsi(text).map((piece) => piece.text);
      expect(shown.join("")).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      expect(shown).not.toContain("");
      expect(withoutAnsi(text).length).toBeLessThanOrEqual(text.length);
      const calm = text.replaceAll(/[^\t\n\u0020-\u007e\u00a0-\u2000]/g, "");
      expect(withoutAnsi(calm)).toBe(calm);
    }),
  );
});

/** Texts that take a parser long which goes back. */
const LONG = 100_000;

test("very many parameters, and strings without an end, are read once", () => {
  for (const text of [
    `\u001b[${"1;".repeat(LONG)}mx`,
    "\u001b[".repeat(LONG),
    "\u001b]".repeat(LONG),
    `\u001b]${"a".repeat(LONG)}`,
    "\u241b[38;2;".repeat(LONG / 8),
    "\u001b[0".repeat(LONG / 4),
  ])
    expect(parseAnsi(text).length).toBeGreaterThan(0);
});
