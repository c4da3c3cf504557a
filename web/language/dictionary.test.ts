import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LANGUAGES } from "./choose.ts";

type Entries = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

const WEB = join(import.meta.dir, "..");

/** The folders of dictionaries: of the page, and of each part that is loaded when it is used. */
const FOLDERS = [...new Bun.Glob("**/language/en.json").scanSync(WEB)].map((path) =>
  join(WEB, dirname(path)),
);

/** Where entries are named: in the page, and where the codes of warnings are declared, which are entries as they are. */
const sources = [
  ...[...new Bun.Glob("**/*.{ts,tsx}").scanSync(WEB)].filter((path) => !path.endsWith(".test.ts")),
  join("..", "src", "crypto", "sealed-receiver.ts"),
];
const code = (await Promise.all(sources.map((path) => Bun.file(join(WEB, path)).text()))).join("\n");

/** Entries that may be the same in two languages: names, and words that both have. */
const MAX_SAME = 16;

/** What is wrong with a dictionary, compared with the English one. */
function problemsOf(tag: string, dictionary: Entries, english: Entries): string[] {
  const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
  const keys = Object.keys(english);
  const problems = [
    ...keys.filter((key) => !Object.hasOwn(dictionary, key)).map((key) => `${key}: missing`),
    ...Object.keys(dictionary)
      .filter((key) => !Object.hasOwn(english, key))
      .map((key) => `${key}: not in English`),
  ];
  if (problems.length === 0 && Object.keys(dictionary).join() !== keys.join()) problems.push("another order");
  for (const [key, entry] of Object.entries(dictionary)) {
    const original = english[key];
    if (original === undefined) continue;
    if (typeof entry !== typeof original) problems.push(`${key}: a plural in one language only`);
    if (typeof entry !== "string" && Object.keys(entry).toSorted().join() !== categories.join())
      problems.push(`${key}: plural forms ${Object.keys(entry).join()}, not ${categories.join()}`);
    const allowed = placeholders(original);
    for (const form of formsOf(entry)) {
      if (form.trim() === "") problems.push(`${key}: empty`);
      // A form for one may leave out the number: "a message".
      const found = placeholders(form).filter((name) => typeof entry === "string" || name !== "count");
      const wanted = allowed.filter((name) => typeof entry === "string" || name !== "count");
      if (found.join() !== wanted.join())
        problems.push(`${key}: placeholders ${found.join()}, not ${wanted.join()}`);
    }
  }
  return problems;
}

function formsOf(entry: string | Readonly<Record<string, string>>): string[] {
  return typeof entry === "string" ? [entry] : Object.values(entry);
}

/** The different placeholders, `{name}`, of a text or of all forms of a plural. */
function placeholders(entry: string | Readonly<Record<string, string>>): string[] {
  const names = formsOf(entry).flatMap((form) =>
    [...form.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
  );
  return [...new Set(names)].toSorted();
}

/** The entries that no source names. */
function unused(dictionary: Entries, text: string): string[] {
  return Object.keys(dictionary).filter((key) => !text.includes(`"${key}"`));
}

async function read(folder: string, tag: string): Promise<Entries> {
  return (await Bun.file(join(folder, `${tag}.json`)).json()) as Entries;
}

for (const folder of FOLDERS) {
  describe(basename(dirname(folder)), () => {
    test("has a dictionary for each language, and no other", () => {
      const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
      expect(files.toSorted()).toEqual(
        Object.keys(LANGUAGES)
          .map((tag) => `${tag}.json`)
          .toSorted(),
      );
    });

    test("uses every entry", async () => {
      expect(unused(await read(folder, "en"), code)).toEqual([]);
    });

    for (const tag of Object.keys(LANGUAGES)) {
      test(`${tag} is complete`, async () => {
        expect(problemsOf(tag, await read(folder, tag), await read(folder, "en"))).toEqual([]);
      });

      test(`${tag} is translated`, async () => {
        if (tag === "en") return;
        const [dictionary, english] = await Promise.all([read(folder, tag), read(folder, "en")]);
        const same = Object.keys(dictionary).filter((key) => dictionary[key] === english[key]);
        expect(same.length).toBeLessThan(MAX_SAME);
      });
    }
  });
}

describe("the check", () => {
  const english = { hello: "Hello {name}", here: { one: "{count} here", other: "{count} here" } };
  const arabic = Object.fromEntries(
    ["zero", "one", "two", "few", "many", "other"].map((form) => [form, "{count}"]),
  );

  test("accepts what is complete", () => {
    expect(
      problemsOf("de", { hello: "Hallo {name}", here: { one: "eine", other: "{count}" } }, english),
    ).toEqual([]);
    expect(problemsOf("ar", { hello: "مرحبا {name}", here: arabic }, english)).toEqual([]);
  });

  test("finds a missing, a foreign and an empty text", () => {
    expect(problemsOf("de", { hello: "Hallo {name}" }, english)).toEqual(["here: missing"]);
    expect(problemsOf("de", { ...english, more: "mehr" }, english)).toEqual(["more: not in English"]);
    expect(
      problemsOf("de", { hello: " {name}".trim(), here: { one: "", other: "{count}" } }, english),
    ).toEqual(["here: empty"]);
  });

  test("finds a missing and a foreign plural form, and a plural in one language only", () => {
    const { two: _, ...withoutTwo } = arabic;
    expect(problemsOf("ar", { hello: "مرحبا {name}", here: withoutTwo }, english).join()).toContain(
      "here: plural forms",
    );
    expect(problemsOf("zh", { hello: "你好 {name}", here: english.here }, english).join()).toContain(
      "here: plural forms",
    );
    expect(problemsOf("de", { hello: "Hallo {name}", here: "{count} hier" }, english)).toEqual([
      "here: a plural in one language only",
    ]);
  });

  test("finds a missing placeholder, and one that nobody fills in", () => {
    expect(problemsOf("de", { ...english, hello: "Hallo" }, english)).toEqual([
      "hello: placeholders , not name",
    ]);
    expect(problemsOf("de", { ...english, hello: "Hallo {nam}" }, english)).toEqual([
      "hello: placeholders nam, not name",
    ]);
  });

  test("finds entries that nothing uses", () => {
    expect(unused(english, 'language.t("hello", { name })')).toEqual(["here"]);
  });
});
