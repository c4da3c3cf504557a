import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES } from "./choose.ts";

type Entries = Record<string, string | Record<string, string>>;

/** The folders of dictionaries: of the page, and of the parts that are loaded when they are used. */
const FOLDERS = {
  page: import.meta.dir,
  encryption: join(import.meta.dir, "..", "encrypted", "language"),
  logs: join(import.meta.dir, "..", "logs", "language"),
};

/** The placeholders, `{name}`. */
function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).toSorted();
}

for (const [part, folder] of Object.entries(FOLDERS)) {
  const words = new Map<string, Entries>();
  for (const tag of Object.keys(LANGUAGES)) {
    words.set(tag, (await Bun.file(join(folder, `${tag}.json`)).json()) as Entries);
  }
  const english = words.get("en") ?? {};

  test(`${part}: there is a dictionary for each language, and no other`, () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
    expect(files.toSorted()).toEqual([...words.keys()].map((tag) => `${tag}.json`).toSorted());
  });

  for (const [tag, dictionary] of words) {
    describe(`${part}: ${tag}`, () => {
      test("has the entries of the English dictionary, in the same order", () => {
        expect(Object.keys(dictionary)).toEqual(Object.keys(english));
      });

      test("has the same placeholders", () => {
        for (const [key, entry] of Object.entries(dictionary)) {
          const original = english[key];
          if (typeof entry !== "string" || typeof original !== "string") continue;
          expect([key, placeholders(entry)]).toEqual([key, placeholders(original)]);
        }
      });

      test("has the plural forms of its grammar (Unicode CLDR), and no others", () => {
        const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
        for (const [key, entry] of Object.entries(dictionary)) {
          if (typeof entry === "string") continue;
          expect([key, Object.keys(entry).toSorted()]).toEqual([key, categories]);
        }
      });

      test("is translated", () => {
        if (tag === "en") return;
        const same = Object.keys(dictionary).filter((key) => dictionary[key] === english[key]);
        // Words that are the same in both languages.
        expect(same.length).toBeLessThan(12);
      });
    });
  }
}
