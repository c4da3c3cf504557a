import { describe, expect, test } from "bun:test";
import type { Argument, Command } from "./command.ts";
import { UsageError } from "../options/errors.ts";
import { choice, flag, integer, optional, text } from "../options/kinds.ts";
import { findCommand, parseArguments } from "./parse.ts";

const LOUD = flag({ name: "loud", short: "l", help: "" });
const SIZE = integer({ name: "big-size", value: "N", help: "", default: "7" }, 0, 9);
const PLACE = optional(text({ name: "place", value: "PLACE", help: "" }, "a place"));
const MOOD = optional(choice({ name: "mood", help: "" }, ["merry", "sad"]));

function command(name: string, ...words: Argument[]): Command {
  return {
    name,
    summary: "",
    details: [],
    arguments: words,
    options: [LOUD, SIZE, PLACE, MOOD],
    run: () => Promise.reject(new Error("only parsed here")),
  };
}

const sing = command("sing", { name: "SONG" }, { name: "VERSE", optional: true, variadic: true });
const rest = command("rest");
const pick = command("pick", { name: "CARD", choices: ["ace", "king"] });

function read(given: Command, line: string, environment: Record<string, string | undefined> = {}) {
  const args = parseArguments(given, line.split(" ").filter(Boolean), environment);
  return {
    first: args.first,
    rest: args.rest,
    loud: args.value(LOUD),
    size: args.value(SIZE),
    place: args.value(PLACE),
    mood: args.value(MOOD),
  };
}

const NOTHING = { first: "", rest: [], loud: false, size: 7, place: undefined, mood: undefined };

describe("the command", () => {
  const find = (line: string) => findCommand([sing, rest, pick], line.split(" ").filter(Boolean));

  test("is the first word that is neither an option nor an option's value", () => {
    expect(find("sing la")).toEqual({ command: sing, asks: undefined, words: ["la"] });
    expect(find("--place rest sing la")).toMatchObject({ command: sing, words: ["--place", "rest", "la"] });
    expect(find("--place=rest -l sing")).toMatchObject({ command: sing, words: ["--place=rest", "-l"] });
    expect(find("sing rest")).toMatchObject({ command: sing, words: ["rest"] });
  });

  test("is optional", () => {
    expect(find("")).toEqual({ command: undefined, asks: undefined, words: [] });
    expect(find("--loud")).toEqual({ command: undefined, asks: undefined, words: ["--loud"] });
    // It may be the value of the unknown option.
    expect(find("--lowd sing")).toMatchObject({ command: undefined, words: ["--lowd", "sing"] });
    expect(find("sing --lowd la")).toMatchObject({ command: sing, words: ["--lowd", "la"] });
  });

  test("is not run with --help or --version", () => {
    expect(find("sing --help")).toMatchObject({ command: sing, asks: "help" });
    expect(find("-h --nonsense")).toMatchObject({ command: undefined, asks: "help" });
    expect(find("rest -v")).toMatchObject({ asks: "version" });
    expect(find("--place --help")).toMatchObject({ asks: undefined });
    expect(find("--help=yes")).toMatchObject({ asks: undefined });
  });

  test("that is unknown is rejected with a suggestion", () => {
    expect(() => find("dance")).toThrow('unknown command "dance". Run "malten --help" for a list');
    expect(() => find("snig")).toThrow('unknown command "snig". Did you mean "sing"?');
  });
});

describe("arguments", () => {
  test("are counted", () => {
    expect(read(sing, "la")).toEqual({ ...NOTHING, first: "la" });
    expect(read(sing, "la le --loud lu")).toEqual({
      ...NOTHING,
      first: "la",
      rest: ["le", "lu"],
      loud: true,
    });
    expect(read(rest, "")).toEqual(NOTHING);
    expect(() => read(sing, "")).toThrow("missing SONG\nUsage: malten sing SONG [VERSE…] [OPTIONS]");
    expect(() => read(rest, "now then")).toThrow('unexpected argument "now"\nUsage: malten rest [OPTIONS]');
    expect(() => read(pick, "ace king")).toThrow(
      'unexpected argument "king"\nUsage: malten pick ace|king [OPTIONS]',
    );
  });

  test("with choices must be one of them", () => {
    expect(read(pick, "king").first).toBe("king");
    expect(() => read(pick, "joker")).toThrow('invalid CARD "joker": use ace or king');
  });

  test("after -- are not options", () => {
    expect(read(sing, "-- --loud -x")).toEqual({ ...NOTHING, first: "--loud", rest: ["-x"] });
  });
});

describe("options", () => {
  test("take precedence over variables, and variables over defaults", () => {
    const variables = { MALTEN_BIG_SIZE: "8", MALTEN_LOUD: "1", MALTEN_PLACE: "here", MALTEN_MOOD: "sad" };
    expect(read(rest, "")).toEqual(NOTHING);
    expect(read(rest, "", variables)).toEqual({
      ...NOTHING,
      size: 8,
      loud: true,
      place: "here",
      mood: "sad",
    });
    expect(read(rest, "--big-size 9 --place=there --mood merry", variables)).toEqual({
      ...NOTHING,
      size: 9,
      loud: true,
      place: "there",
      mood: "merry",
    });
  });

  test("with an empty variable are unset", () => {
    expect(
      read(rest, "", { MALTEN_BIG_SIZE: "", MALTEN_LOUD: "", MALTEN_PLACE: "", MALTEN_MOOD: "" }),
    ).toEqual(NOTHING);
  });

  test("that are boolean can be set by variables to true or false", () => {
    for (const on of ["1", "true"]) expect(read(rest, "", { MALTEN_LOUD: on }).loud).toBe(true);
    for (const off of ["0", "false"]) {
      expect(read(rest, "", { MALTEN_LOUD: off }).loud).toBe(false);
      expect(read(rest, "-l", { MALTEN_LOUD: off }).loud).toBe(true);
    }
    expect(() => read(rest, "", { MALTEN_LOUD: "yes" })).toThrow(
      'invalid MALTEN_LOUD "yes": use 1, 0, true or false',
    );
  });

  test("that are invalid are rejected with one line", () => {
    const wrong: Record<string, string> = {
      "--nonsense": 'unknown option "--nonsense". Run "malten rest --help" for a list',
      "--plaec x": 'unknown option "--plaec". Did you mean "--place"?',
      "-x": 'unknown option "-x". Run "malten rest --help" for a list',
      "--place": "--place requires a value",
      "--place --loud": "--place requires a value (for one that begins with a dash: --place=--loud)",
      "--place=": 'invalid --place "": use a place',
      "--loud=yes": "--loud takes no value",
      "--big-size 10": 'invalid --big-size "10": use a whole number from 0 to 9',
      "--big-size -1": 'invalid --big-size "-1": use a whole number from 0 to 9',
      "--mood angry": 'invalid --mood "angry": use merry or sad',
    };
    for (const [line, named] of Object.entries(wrong)) {
      const rejected = () => read(rest, line);
      expect(rejected).toThrow(UsageError);
      expect(rejected).toThrow(named);
      expect(rejected).not.toThrow("\n");
    }
  });
});
