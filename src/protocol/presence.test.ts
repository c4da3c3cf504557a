import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkPerson, checkStatus, MAX_PERSON } from "./presence.ts";
import { Problem, type ProblemCode } from "./problem.ts";

function codeOf(attempt: () => unknown): ProblemCode | undefined {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return undefined;
}

describe("the name of a person", () => {
  const good = [
    "Ada",
    "x",
    "Ada Lovelace",
    "<script>",
    "名前",
    "שם",
    "__proto__",
    "\u{1D11E}".repeat(MAX_PERSON),
    "👩🏽‍🚀",
  ];
  for (const name of good) {
    test(`may be ${name}`, () => expect(checkPerson(name)).toBe(name));
  }

  test("is trimmed", () => {
    expect(checkPerson("  Ada \t\n")).toBe("Ada");
    expect(checkPerson(` ${"x".repeat(MAX_PERSON)} `)).toBe("x".repeat(MAX_PERSON));
  });

  const bad: Record<string, string> = {
    nothing: "",
    blank: " \t\u00A0\u2003",
    "nothing to see": "\u200B\u2060\u00AD",
    "the space of Braille, and a filler": "\u2800\u3164",
    "only marks": "\u0301\u0301",
    "two lines": "Ada\nLovelace",
    "two lines of Unicode": "Ada\u2028Lovelace",
    "a control character": "Ada\u0007",
    "a C1 control character": "Ada\u0085Lovelace",
    "half a character": "Ada\uD834",
    "too long": "x".repeat(MAX_PERSON + 1),
    "too long, of astral characters": "\u{1D11E}".repeat(MAX_PERSON + 1),
    "much too long": "x".repeat(1_000_000),
  };
  for (const [what, name] of Object.entries(bad)) {
    test(`must not be ${what}`, () => expect(codeOf(() => checkPerson(name))).toBe("bad_person"));
  }

  test("is rejected or trimmed, and then accepted unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (given) => {
        if (codeOf(() => checkPerson(given)) === "bad_person") return;
        const name = checkPerson(given);
        expect(name).toBe(given.trim());
        expect(checkPerson(name)).toBe(name);
        const length = Array.from(name).length;
        expect(length > 0 && length <= MAX_PERSON).toBe(true);
      }),
    );
  });
});

test("a status is one of three exact words", () => {
  expect((["online", "away", "typing"] as const).map(checkStatus)).toEqual(["online", "away", "typing"]);
  for (const status of ["", "Online", "offline", "busy", "toString"])
    expect(codeOf(() => checkStatus(status))).toBe("bad_parameter");
});
