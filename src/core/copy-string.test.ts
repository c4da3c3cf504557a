import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { copyString } from "./copy-string.ts";

test("a copy has the same UTF-16 code units, even if they are not well-formed", () => {
  for (const text of ["", "name", "Zoë 👋", "\ud800 alone", '"\\\u0000\n', "__proto__"])
    expect(copyString(text)).toBe(text);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => copyString(text) === text));
}, 60_000);
