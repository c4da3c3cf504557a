import { expect, test } from "bun:test";
import { unknown } from "./suggest.ts";

const KNOWN = ["serve", "send", "tail", "streams", "new", "end"];

test("suggests the closest word", () => {
  const typos = { sedn: "send", sned: "send", tial: "tail", tal: "tail", stream: "streams", nwe: "new" };
  for (const [typo, word] of Object.entries(typos))
    expect(unknown("command", typo, KNOWN, "malten --help")).toBe(
      `unknown command "${typo}". Did you mean "${word}"?`,
    );
});

test("suggests nothing for a different word", () => {
  for (const word of ["x", "chat", "publish", "", "s".repeat(100_000)])
    expect(unknown("command", word, KNOWN, "malten --help")).toBe(
      `unknown command "${word}". Run "malten --help" for a list`,
    );
});
