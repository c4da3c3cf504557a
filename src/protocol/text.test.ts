import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Problem, type ProblemCode } from "./problem.ts";
import { checkText } from "./text.ts";

/** The code that a text is rejected with; undefined if it is valid. */
function rejection(text: string): { code: ProblemCode; detail: string } | undefined {
  try {
    checkText(text);
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, detail: error.detail };
    throw error;
  }
  return undefined;
}

describe("length", () => {
  const characters = ["a", "é", "字", "\u{1f600}", "\u{10000}", "\u{10ffff}", '"', "\u202e"];

  test("accepts 1024 characters of any kind unchanged", () => {
    for (const character of characters) {
      const text = character.repeat(1024);
      expect(checkText(text).text).toBe(text);
    }
  });

  test("rejects 1025 characters and names the length and the limit", () => {
    for (const character of characters) {
      expect(rejection(character.repeat(1025))).toEqual({
        code: "text_too_long",
        detail: "Text has 1025 characters; the limit is 1024",
      });
    }
    expect(rejection(`${"\u{1f600}".repeat(1024)}a`)?.detail).toContain("1025");
    expect(rejection("a".repeat(60_000))?.detail).toContain("60000");
  });

  test("counts code points, not graphemes", () => {
    // A family of four is seven code points.
    const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}";
    expect(rejection(family.repeat(146))).toBeUndefined();
    expect(rejection(family.repeat(147))?.detail).toContain("1029");
  });

  test("counts CR LF as one newline", () => {
    expect(checkText("a\r\n".repeat(512)).text).toBe("a\n".repeat(512));
    expect(rejection(`${"a\r\n".repeat(512)}a`)?.detail).toContain("1025");
  });

  test("agrees with counting every code point", () => {
    const long = fc.array(fc.constantFrom("a", "\u{1f600}", "é", "\n", "\r\n"), {
      minLength: 1010,
      maxLength: 1040,
      size: "max",
    });
    fc.assert(
      fc.property(long, (parts) => {
        const text = `x${parts.join("")}`;
        expect(rejection(text)?.code).toBe(parts.length + 1 > 1024 ? "text_too_long" : undefined);
      }),
      { numRuns: 100 },
    );
  });
});

describe("well-formed Unicode", () => {
  test("excludes lone surrogates anywhere", () => {
    for (const lone of ["\ud800", "\udbff", "\udc00", "\udfff", "\udc00\ud800", "\ud800\ud800\udc00"]) {
      for (const text of [lone, `a${lone}`, `${lone}a`, `a${lone}a`, "a".repeat(2000) + lone])
        expect(rejection(text)?.code).toBe("text_malformed");
    }
  });

  test("includes unusual characters, which are kept unchanged", () => {
    for (const text of [
      "\ufeffmark",
      "\u202eright to left",
      "\ufffe\uffff",
      "\u{10ffff}",
      "\u2028\u2029x",
      "\u200b",
    ])
      expect(checkText(text).text).toBe(text);
  });
});

describe("control characters", () => {
  const controls = Array.from({ length: 0xa0 }, (_, i) => i).filter((i) => i < 0x20 || i >= 0x7f);

  test("are rejected except tab and newline", () => {
    for (const code of controls.filter((control) => control !== 0x09 && control !== 0x0a)) {
      const control = String.fromCharCode(code);
      for (const text of [`a${control}`, `${control}a`, `a${control}b`, `"${control}"`])
        expect(rejection(text)?.code).toBe("text_control");
    }
  });

  test("include tab and newline, which are accepted", () => {
    for (const text of ["a\tb", "a\nb", "\ta", "\na", "a\n\n"]) expect(checkText(text).text).toBe(text);
  });

  test("CR LF becomes a newline; CR alone is rejected", () => {
    expect(checkText("a\r\nb\r\n").text).toBe("a\nb\n");
    for (const text of ["a\rb", "a\r", "\ra", "a\r\r\nb", "a\n\rb"])
      expect(rejection(text)?.code).toBe("text_control");
  });
});

test("blank texts of any white space are rejected", () => {
  const spaces =
    "\u0020 \u00a0 \u1680 \u2000 \u2003 \u2009 \u200a \u202f \u205f \u3000 \ufeff \u2028 \u2029".split(" ");
  for (const space of ["", "\t", "\n", "\r\n", "  \n\t ", ...spaces, ...spaces.map((one) => ` ${one} `)]) {
    expect(rejection(space)?.code).toBe("text_missing");
    expect(rejection(`${space}a${space}`)).toBeUndefined();
  }
  expect(rejection(" ".repeat(5000))?.code).toBe("text_missing");
});

describe("the escaped text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom('"', "\\", "\n", "\t", "\r\n", "/", "a", "\u{1f600}", "\u2028"),
      maxLength: 60,
    }),
  );

  test("is the inside of a JSON string with the same text", () => {
    fc.assert(
      fc.property(text, (given) => {
        if (rejection(given) !== undefined) return;
        const checked = checkText(given);
        expect(JSON.parse(`"${checked.escaped}"`)).toBe(checked.text);
        expect(checked.text).toBe(given.replaceAll("\r\n", "\n"));
      }),
      { numRuns: 1000 },
    );
  });

  test("contains no raw control characters", () => {
    fc.assert(
      fc.property(text, (given) => {
        if (rejection(given) === undefined)
          expect(checkText(given).escaped).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 500 },
    );
  });

  test("any UTF-16 string is accepted or rejected with a code", () => {
    const units = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(units, (given) => {
        const code = rejection(given)?.code;
        if (!given.isWellFormed() && given.trim() !== "") expect(code).toBe("text_malformed");
        if (code === undefined) expect(checkText(given).text.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
