import { expect, test } from "bun:test";
import { rowsOf, type Authored } from "./runs.ts";

const NOON = new Date(2026, 5, 1, 12).getTime();
const MINUTE = 60_000;

/** Shows each line as its author, with `*` at the beginning of a run and what is shown before it. `-` is a line without an author. */
function shown(lines: readonly (readonly [author: string, minutes: number])[]): string[] {
  const authoredOf = ([author, minutes]: readonly [string, number]): Authored | undefined =>
    author === "-" ? undefined : { author, time: new Date(NOON + minutes * MINUTE) };
  return rowsOf(lines, authoredOf, new Date(NOON)).map(
    ({ line: [author], isFirst, pause }) =>
      (pause === undefined ? "" : `${pause} `) + author + (isFirst ? "*" : ""),
  );
}

test("a run is of one author", () => {
  const lines = [
    ["Ada", 0],
    ["Ada", 1],
    ["", 1],
    ["", 2],
    ["Ada", 2],
  ] as const;
  expect(shown(lines)).toEqual(["Ada*", "Ada", "*", "", "Ada*"]);
});

test("a run ends with another line, and after five minutes of silence", () => {
  const lines = [
    ["Ada", 0],
    ["-", 0],
    ["Ada", 5],
    ["Ada", 10],
    ["Ada", 15.1],
  ] as const;
  expect(shown(lines)).toEqual(["Ada*", "-", "Ada*", "Ada", "Ada*"]);
});

test("hours of silence and new days are shown, also before the first message", () => {
  const DAY = 24 * 60;
  const lines = [
    ["Ada", -2 * DAY],
    ["Ada", -2 * DAY + 121],
    ["-", 0],
    ["Ada", -DAY],
    ["Bob", 0],
    ["Bob", 119],
  ] as const;
  expect(shown(lines)).toEqual(["day Ada*", "time Ada*", "-", "day Ada*", "day Bob*", "Bob*"]);
  expect(shown([["Ada", -100]])).toEqual(["Ada*"]);
});
