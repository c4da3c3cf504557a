import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { textParts } from "./links.ts";

function links(text: string): string[] {
  return textParts(text).flatMap(({ href }) => href ?? []);
}

test("finds links, without what expiresAt the sentence", () => {
  expect(links("See https://example.org/a?b=c#d.")).toEqual(["https://example.org/a?b=c#d"]);
  expect(links("(http://example.org)")).toEqual(["http://example.org"]);
  expect(links("https://en.wikipedia.org/wiki/Bracket_(tool), HTTPS://EXAMPLE.ORG!")).toEqual([
    "https://en.wikipedia.org/wiki/Bracket_(tool)",
    "HTTPS://EXAMPLE.ORG",
  ]);
});

test("takes nothing else for a link", () => {
  expect(
    links("javascript:alert(1) data:text/html,x ftp://example.org //example.org example.org http://"),
  ).toEqual([]);
  expect(links("xhttps://example.org")).toEqual([]);
});

test("expiresAt a link where something would turn its direction", () => {
  expect(links("https://example.org/\u202Egpj.exe")).toEqual(["https://example.org/"]);
});

const piece = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.webUrl(),
  fc.constantFrom("http://", "https://", "(", ")", ". "),
);

test("whatever the text, its parts are the text, and lead to http and https only", () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      const parts = textParts(text);
      expect(parts.map((part) => part.text).join("")).toBe(text);
      for (const { href } of parts) {
        if (href !== undefined) expect(new URL(href).protocol).toMatch(/^https?:$/);
      }
    }),
  );
});
