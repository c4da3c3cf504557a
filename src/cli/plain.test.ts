import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { isolated, join, json, plain, Plain, visible } from "./plain.ts";

/** Characters that control a terminal or move the cursor. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;

/** Characters that control the direction of text. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

describe("visible", () => {
  test("leaves printable text unchanged", () => {
    for (const text of ["hello", "שלום 😀", "a  b", ""]) expect(visible(text)).toBe(text);
  });

  test("replaces what controls a terminal or the direction of text", () => {
    expect(visible("\u001b[2Jx\u0007")).toBe("␛[2Jx␇");
    expect(visible("a\rb\u0000\tc\nd")).toBe("a␍b␀␉c␊d");
    expect(visible("\u007f\u009b31m")).toBe("␡<U+009B>31m");
    expect(visible("\u202etxt\u2069\u2028")).toBe("<U+202E>txt<U+2069><U+2028>");
  });

  test("property: nothing is left that controls", () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0x2000, max: 0x2070 }).map((code) => String.fromCharCode(code)),
      fc.constant("\u061c"),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(/[\u0000-\u001f]/.test(visible(text))).toBe(false);
        expect(CONTROL.test(visible(text))).toBe(false);
        expect(BIDI.test(visible(text))).toBe(false);
        expect(CONTROL.test(isolated(text).text)).toBe(false);
      }),
    );
  });
});

test("a template makes what is inserted visible, and nothing else", () => {
  const name = "a\u001b[2Jb";
  expect(plain`\u001b[1m${name}\n${7}${plain`\t${name}`}`.text).toBe("\u001b[1ma␛[2Jb\n7\ta␛[2Jb");
  expect(join([plain`a`, plain`${"\n"}`], "\n").text).toBe("a\n␊");
  expect(Plain.own("\u001b").text).toBe("\u001b");
});

test("property: an isolated line is one balanced isolate", () => {
  const unit = fc.constantFrom(
    "a",
    "א",
    "\t",
    "\u202e",
    "\u202a",
    "\u202c",
    "\u2066",
    "\u2067",
    "\u2068",
    "\u2069",
  );
  fc.assert(
    fc.property(fc.string({ unit }), (line) => {
      const inside = isolated(line).text;
      // Nothing in it reads from right to left, or could.
      if (/^[a\t]*$/.test(line)) return expect(inside).toBe(line);
      let depth = 0;
      for (const [i, character] of Array.from(inside).entries()) {
        if (character >= "\u2066" && character <= "\u2068") depth++;
        else if (character === "\u2069") depth--;
        expect(depth > 0).toBe(i < inside.length - 1);
      }
    }),
  );
});

test("a line is isolated only if something in it reads from right to left, or could", () => {
  for (const line of ["hello", "\ta.b-c_d~", "héllo, 你好 😀", ""]) expect(isolated(line).text).toBe(line);
  for (const line of ["שלום", "a العربية", "ߊ", "\u{1e900}", "\ufb1d", "\u200f!", "\u{10800}"])
    expect(isolated(line).text).toBe(`\u2068${line}\u2069`);
});

test("property: JSON round-trips and has no character that controls a terminal or the direction of text", () => {
  const unit = fc.oneof(
    fc.constantFrom("\u009b", "\u007f", "\u202e", "\u2067", "\u2069", "\u200f", "\\", '"'),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const written = json({ text }).text;
      expect(JSON.parse(written)).toEqual({ text });
      expect(CONTROL.test(written)).toBe(false);
      expect(BIDI.test(written)).toBe(false);
    }),
  );
});
