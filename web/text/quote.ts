import { codePoints, longestHead } from "../../src/protocol/characters.ts";
import { blocksOf } from "./blocks.ts";

/** Longest quote in code points: the answer needs most of the room. */
const MAX_QUOTE = 200;

/** Lines of a quote at most. */
const MAX_LINES = 4;

/** Returns the beginning of an answer to a message: what it says, shortened, as a quote. What it quotes itself is left out. */
export function quoteOf(text: string, author?: string): string {
  const said = blocksOf(text).filter(({ kind }) => kind !== "quote");
  const all = (said.length === 0 ? text : said.map((block) => block.text).join("\n")).trim();
  const lines = all.split("\n").filter((line) => line.trim() !== "");
  const first = lines.slice(0, MAX_LINES).join("\n");
  const isCut = lines.length > MAX_LINES || codePoints(first) > MAX_QUOTE;
  const shown = isCut ? `${longestHead(first, MAX_QUOTE).trimEnd()}…` : first;
  const quoted = author === undefined ? shown : `${author}: ${shown}`;
  const marked = quoted.split("\n").map((line) => `> ${line}`);
  return `${marked.join("\n")}\n\n`;
}
