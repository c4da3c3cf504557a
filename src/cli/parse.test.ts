import { describe, expect, test } from "bun:test";
import type { Argument, Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { choice, flag, integer, optional, text } from "./option.ts";
import { findCommand, parseArguments } from "./parse.ts";

const LOUD = flag({ name: "loud", short: "l", help: "" });
const SIZE = integer({ name: "big-size", value: "N", help: "", preset: "7" }, 0, 9);
const PLACE = optional(text({ name: "place", value: "PLACE", help: "" }, "a place"));
const MOOD = optional(choice({ name: "mood", help: "" }, ["merry", "sad"]));

function command(name: string, ...words: Argument[]): Command {
  return {
    name,
    summary: "",
    details: [],
    arguments: words,
    options: [LOUD, SIZE, PLACE, MOOD],
    run: () => Promise.reject(new Error("it is only read")),
  };
}

const sing = command("sing", { name: "SONG" }, { name: "VERSE", optional: true, many: true });
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

  test("is the first word that is neither an option nor a value of one", () => {
    expect(find("sing la")).toEqual({ command: sing, asks: undefined, words: ["la"] });
    expect(find("--place rest sing la")).toMatchObject({ command: sing, words: ["--place", "rest", "la"] });
    expect(find("--place=rest -l sing")).toMatchObject({ command: sing, words: ["--place=rest", "-l"] });
    expect(find("sing rest")).toMatchObject({ command: sing, words: ["rest"] });
  });

  test("may be missing", () => {
    expect(find("")).toEqual({ command: undefined, asks: undefined, words: [] });
    expect(find("--loud")).toEqual({ command: undefined, asks: undefined, words: ["--loud"] });
    // An option that nobody knows may have taken it.
    expect(find("--lowd sing")).toMatchObject({ command: undefined, words: ["--lowd", "sing"] });
    expect(find("sing --lowd la")).toMatchObject({ command: sing, words: ["--lowd", "la"] });
  });

  test("may only be asked about", () => {
    expect(find("sing --help")).toMatchObject({ command: sing, asks: "help" });
    expect(find("-h --nonsense")).toMatchObject({ command: undefined, asks: "help" });
    expect(find("rest -v")).toMatchObject({ asks: "version" });
    expect(find("--place --help")).toMatchObject({ asks: undefined });
    expect(find("--help=yes")).toMatchObject({ asks: undefined });
  });

  test("that is not there is named", () => {
    expect(() => find("dance")).toThrow("There is no command dance. Try malten --help");
  });
});

describe("arguments", () => {
  test("are as many as the table says", () => {
    expect(read(sing, "la")).toEqual({ ...NOTHING, first: "la" });
    expect(read(sing, "la le --loud lu")).toEqual({
      ...NOTHING,
      first: "la",
      rest: ["le", "lu"],
      loud: true,
    });
    expect(read(rest, "")).toEqual(NOTHING);
    expect(() => read(sing, "")).toThrow("sing is used like this: malten sing SONG [VERSE…]");
    expect(() => read(rest, "now then")).toThrow("rest takes no arguments, only options: now then");
    expect(() => read(pick, "ace king")).toThrow("pick is used like this: malten pick ace|king");
  });

  test("may have to be one of a few", () => {
    expect(read(pick, "king").first).toBe("king");
    expect(() => read(pick, "joker")).toThrow("pick knows ace, king, not joker");
  });

  test("behind -- are no options", () => {
    expect(read(sing, "-- --loud -x")).toEqual({ ...NOTHING, first: "--loud", rest: ["-x"] });
  });
});

describe("options", () => {
  test("go before variables, and those before presets", () => {
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

  test("whose variable is empty are not given", () => {
    expect(
      read(rest, "", { MALTEN_BIG_SIZE: "", MALTEN_LOUD: "", MALTEN_PLACE: "", MALTEN_MOOD: "" }),
    ).toEqual(NOTHING);
  });

  test("that are switches are on or off in variables too", () => {
    for (const on of ["1", "true"]) expect(read(rest, "", { MALTEN_LOUD: on }).loud).toBe(true);
    for (const off of ["0", "false"]) {
      expect(read(rest, "", { MALTEN_LOUD: off }).loud).toBe(false);
      expect(read(rest, "-l", { MALTEN_LOUD: off }).loud).toBe(true);
    }
    expect(() => read(rest, "", { MALTEN_LOUD: "yes" })).toThrow("--loud is 1, 0, true or false, not yes");
  });

  test("that make no sense are refused in one line", () => {
    const wrong: Record<string, string> = {
      "--nonsense": "--nonsense",
      "-x": "-x",
      "--place": "--place",
      "--place=": "--place is a place, not nothing",
      "--loud=yes": "--loud",
      "--big-size 10": "--big-size is a whole number from 0 to 9, not 10",
      "--mood angry": "--mood is one of merry, sad, not angry",
    };
    for (const [line, named] of Object.entries(wrong)) {
      const refused = () => read(rest, line);
      expect(refused).toThrow(UsageError);
      expect(refused).toThrow(named);
      expect(refused).not.toThrow("\n");
    }
    expect(() => read(rest, "--nonsense")).toThrow(/\. Try malten rest --help$/);
  });
});
