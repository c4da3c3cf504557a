import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { isolated, json, visible } from "./plain.ts";

/** Characters that control a terminal. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

describe("visible", () => {
  test("leaves text that the protocol allows unchanged", () => {
    for (const text of ["hello", "a\tb\nc", "שלום 😀", "\u202eabc", ""]) expect(visible(text)).toBe(text);
  });

  test("replaces control characters by visible ones", () => {
    expect(visible("\u001b[2Jx\u0007")).toBe("␛[2Jx␇");
    expect(visible("a\rb\u0000")).toBe("a␍b␀");
    expect(visible("\u007f\u009b31m")).toBe("␡\ufffd31m");
  });

  test("property: no control character is left", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((c) => String.fromCharCode(c)) }),
        (text) => {
          expect(CONTROL.test(visible(text))).toBe(false);
          expect(CONTROL.test(isolated(text))).toBe(false);
        },
      ),
    );
  });
});

test("property: an isolated line is one balanced isolate", () => {
  const unit = fc.constantFrom(
    "a",
    "א",
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
      let depth = 0;
      const inside = isolated(line);
      for (const [i, character] of Array.from(inside).entries()) {
        if (character >= "\u2066" && character <= "\u2068") depth++;
        else if (character === "\u2069") depth--;
        expect(depth > 0).toBe(i < inside.length - 1);
      }
    }),
  );
});

test("property: JSON round-trips and has no character that controls a terminal", () => {
  const unit = fc.oneof(
    fc.constantFrom("\u009b", "\u007f", "\u202e", "\u2067", "\u2069", "\\", '"'),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const written = json({ text });
      expect(JSON.parse(written)).toEqual({ text });
      expect(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(written)).toBe(false);
    }),
  );
});
