import { parseArgs } from "node:util";
import { UsageError } from "../options/errors.ts";
import { flag, oneOf } from "../options/kinds.ts";
import type { Option } from "../options/option.ts";
import { resolveOptions, type Environment } from "../options/resolve.ts";
import { usageLine, type Argument, type Arguments, type Command } from "./command.ts";
import { unknown } from "./suggest.ts";

/** The options of every command. They have no environment variables. */
export const COMMON = [
  flag({ name: "help", short: "h", help: "show this help" }),
  flag({ name: "version", short: "v", help: "show the version" }),
] as const;

/** The command and the words of a command line. */
export interface Invocation {
  /** Undefined if the command line names none. */
  readonly command: Command | undefined;
  /** `--help` or `--version` was given. */
  readonly asks: "help" | "version" | undefined;
  /** The command line without the command's name. */
  readonly words: readonly string[];
}

/**
 * Finds the command: the first word that is neither an option nor an option's value.
 * @throws UsageError for an unknown command
 */
export function findCommand(commands: readonly Command[], words: readonly string[]): Invocation {
  const { tokens, values, types } = scan([...COMMON, ...commands.flatMap(({ options }) => options)], words);
  const asks = values["help"] === true ? "help" : values["version"] === true ? "version" : undefined;
  // The word after an unknown option may be its value.
  const word = tokens.find((token) => token.kind !== "option" || types[token.name] === undefined);
  if (word?.kind !== "positional") return { command: undefined, asks, words };
  const names = commands.map(({ name }) => name);
  const command = commands[names.indexOf(word.value)];
  if (command === undefined) throw new UsageError(unknown("command", word.value, names, "malten --help"));
  return { command, asks, words: words.toSpliced(word.index, 1) };
}

/** Parses the arguments and options of a command. @throws UsageError */
export function parseArguments(
  command: Command,
  words: readonly string[],
  environment: Environment,
): Arguments {
  const { tokens, positionals, types } = scan([...COMMON, ...command.options], words);
  const repeatable = new Set(
    command.options.flatMap(({ name, isRepeatable }) => (isRepeatable === true ? name : [])),
  );
  const flags: Record<string, string | true> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    if (types[name] === undefined) {
      const known = Object.keys(types).map((option) => `--${option}`);
      throw new UsageError(unknown("option", rawName, known, `malten ${command.name} --help`));
    }
    const given =
      types[name].type === "boolean"
        ? checkNoValue(rawName, value)
        : requireValue(rawName, value, inlineValue);
    const earlier = repeatable.has(name) ? flags[name] : undefined;
    flags[name] = earlier === undefined ? given : `${earlier},${given}`;
  }
  const values = resolveOptions(flags, environment);
  const isImplied = command.arguments[0]?.impliedBy?.(values, environment) === true;
  const expected = isImplied ? command.arguments.slice(1) : command.arguments;
  checkPositionals(command, expected, positionals);
  const [first = "", ...rest] = isImplied ? ["", ...positionals] : positionals;
  return { ...values, first, rest };
}

function checkNoValue(name: string, value: string | undefined): true {
  if (value === undefined) return true;
  throw new UsageError(`${name} takes no value`);
}

function requireValue(name: string, value: string | undefined, inline: boolean | undefined): string {
  if (value === undefined) throw new UsageError(`${name} requires a value`);
  // Most likely the value was forgotten. A negative number is left for the option to reject.
  if (inline !== true && /^-[^0-9]/.test(value))
    throw new UsageError(`${name} requires a value (for one that begins with a dash: ${name}=${value})`);
  return value;
}

function checkPositionals(command: Command, expected: readonly Argument[], words: readonly string[]): void {
  const missing = expected[words.length];
  if (missing !== undefined && missing.optional !== true)
    throw new UsageError(`missing ${missing.name}\n${usageLine(command)}`);
  const extra = expected.some(({ variadic }) => variadic) ? undefined : words[expected.length];
  if (extra !== undefined)
    throw new UsageError(`unexpected argument ${JSON.stringify(extra)}\n${usageLine(command)}`);
  for (const [i, { name, choices }] of expected.entries()) {
    const word = words[i];
    if (word !== undefined && choices !== undefined && !choices.includes(word))
      throw new UsageError(`invalid ${name} ${JSON.stringify(word)}: use ${oneOf(choices)}`);
  }
}

/** Splits the words into tokens. Not strict, because the runtime's error messages are not meant for users. */
function scan(options: readonly Option<unknown>[], words: readonly string[]) {
  const types = Object.fromEntries(
    options.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
    ]),
  );
  const parsed = parseArgs({
    args: [...words],
    options: types,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  return { ...parsed, types };
}
