import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { textParts } from "./links.ts";

function links(text: string): string[] {
  return textParts(text).flatMap(({ href }) => href ?? []);
}

test("finds links without the punctuation after them", () => {
  expect(links("See https://example.org/a?b=c#d.")).toEqual(["https://example.org/a?b=c#d"]);
  expect(links("(http://example.org)")).toEqual(["http://example.org"]);
  expect(links("https://en.wikipedia.org/wiki/Bracket_(tool), HTTPS://EXAMPLE.ORG!")).toEqual([
    "https://en.wikipedia.org/wiki/Bracket_(tool)",
    "HTTPS://EXAMPLE.ORG",
  ]);
});

test("a closing bracket belongs to a link that opened it, punctuation after it does not", () => {
  const link = "https://example.org/a_(b)?q=1";
  for (const text of [`(${link}).`, `(see ${link})`, link, `${link}),`]) expect(links(text)).toEqual([link]);
  expect(links("((https://example.org/(a)(b)))!")).toEqual(["https://example.org/(a)(b)"]);
  expect(links("https://example.org/a)b")).toEqual(["https://example.org/a)b"]);
});

test("a long run of punctuation inside a link is read once", () => {
  const link = `https://a.b/${"!".repeat(300_000)}x`;
  expect(textParts(link)).toEqual([{ text: link, href: link }]);
});

test("does not link anything else", () => {
  expect(
    links("javascript:alert(1) data:text/html,x ftp://example.org //example.org example.org http://"),
  ).toEqual([]);
  expect(links("xhttps://example.org")).toEqual([]);
});

test("ends a link at a character that changes the direction of text", () => {
  expect(links("https://example.org/\u202Egpj.exe")).toEqual(["https://example.org/"]);
});

const piece = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.webUrl(),
  fc.constantFrom("http://", "https://", "(", ")", ". "),
);

test("the parts of any text join to that text, and link to http and https only", () => {
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
