import { parseArgs } from "node:util";
import { usageOf, type Arguments, type Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { flag, variableOf, type Option } from "./option.ts";

/** Those that every command has. They have no variables. */
export const COMMON = [
  flag({ name: "help", short: "h", help: "show this" }),
  flag({ name: "version", short: "v", help: "show the version" }),
] as const;

type Given = Readonly<Record<string, string | boolean | undefined>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line asks for. */
export interface Invocation {
  /** Undefined: none was named. */
  readonly command: Command | undefined;
  /** Whether it is only to be told something: `--help`, `--version`. */
  readonly asks: "help" | "version" | undefined;
  /** The words of the command line without the command's name. */
  readonly words: readonly string[];
}

/**
 * Finds the command: the first word that is neither an option nor the value of one, wherever it stands.
 * @throws UsageError for a command that is not there
 */
export function findCommand(commands: readonly Command[], words: readonly string[]): Invocation {
  const options = described([...COMMON, ...commands.flatMap((command) => command.options)]);
  const { tokens, values } = parseArgs({
    args: [...words],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const asks = values["help"] === true ? "help" : values["version"] === true ? "version" : undefined;
  // What follows an option that nobody knows may be its value.
  const word = tokens.find((token) => token.kind !== "option" || options[token.name] === undefined);
  if (word?.kind !== "positional") return { command: undefined, asks, words };
  const command = commands.find(({ name }) => name === word.value);
  if (command === undefined) throw new UsageError(`There is no command ${word.value}. Try malten --help`);
  return { command, asks, words: words.toSpliced(word.index, 1) };
}

/** Reads what is given to a command. @throws UsageError */
export function parseArguments(
  command: Command,
  words: readonly string[],
  environment: Environment,
): Arguments {
  const { values, positionals } = strictly(command, words);
  const least = command.arguments.filter(({ optional }) => optional !== true).length;
  const most = command.arguments.some(({ many }) => many) ? Infinity : command.arguments.length;
  if (most === 0 && positionals.length > 0)
    throw new UsageError(`${command.name} takes no arguments, only options: ${positionals.join(" ")}`);
  if (positionals.length < least || positionals.length > most)
    throw new UsageError(`${command.name} is used like this: malten ${usageOf(command)}`);
  command.arguments.forEach(({ choices }, i) => {
    const word = positionals[i];
    if (word !== undefined && choices !== undefined && !choices.includes(word))
      throw new UsageError(`${command.name} knows ${choices.join(", ")}, not ${word}`);
  });
  const [first = "", ...rest] = positionals;
  return {
    value(option) {
      const variable = environment[variableOf(option)];
      const given = values[option.name] ?? (variable === "" ? undefined : variable) ?? option.preset;
      return option.read(given === true ? "1" : given === false ? "0" : given);
    },
    first,
    rest,
  };
}

function strictly(command: Command, words: readonly string[]): { values: Given; positionals: string[] } {
  const options = described([...COMMON, ...command.options]);
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/\.\s|\n/, 1)[0] ?? "") : "";
    throw new UsageError(`${reason}. Try malten ${command.name} --help`, { cause: error });
  }
}

function described(options: readonly Option<unknown>[]) {
  return Object.fromEntries(
    options.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
    ]),
  );
}
