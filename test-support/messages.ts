import * as fc from "fast-check";
import { isPerson, MAX_PERSON } from "../src/protocol/presence.ts";
import { faultOf } from "../src/protocol/text.ts";

/** Characters that a format of the protocol may confuse with its own. */
const AWKWARD = [
  '"',
  "\\",
  "/",
  "{",
  "}",
  ",",
  ":",
  " ",
  "\u202e",
  "\ufeff",
  "\u{1f600}",
  "é",
  "\u00a0",
  "data:",
  "\\u001f",
];

const part = fc.oneof(fc.constantFrom(...AWKWARD), fc.string({ unit: "binary", maxLength: 8 }));

/** Any text that the server accepts and keeps as it is. */
export const anyText: fc.Arbitrary<string> = fc
  .oneof(
    fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join("")),
    fc
      .array(fc.constantFrom("\t", "\n", "x"), { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join("")),
    fc.constantFrom("\u{1f600}".repeat(1024), `${"\n".repeat(1023)}x`),
  )
  .filter((text) => faultOf(text) === undefined && !text.includes("\r"));

/** Any name that the server accepts, without the spaces around it that it removes. */
export const anyName: fc.Arbitrary<string> = fc
  .oneof(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("").trim()),
    fc.constantFrom("Ada", "\u{1f600}".repeat(MAX_PERSON), '"'.repeat(MAX_PERSON), "__proto__"),
  )
  .filter((name) => isPerson(name, MAX_PERSON));
