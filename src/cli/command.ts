import type { Option } from "../options/option.ts";
import type { Environment, OptionValues } from "../options/resolve.ts";
import type { Session } from "./session.ts";

/** A positional argument. */
export interface Argument {
  readonly name: string;
  readonly optional?: boolean;
  /** Takes all remaining words. */
  readonly variadic?: boolean;
  /** The allowed values. */
  readonly choices?: readonly string[];
  /** Whether the options or the environment say it, so that it is left out. Only of the first argument. */
  impliedBy?(values: OptionValues, environment: Environment): boolean;
}

/** The parsed command line of one command. */
export interface Arguments extends OptionValues {
  /** The first argument; "" if it is missing or implied. */
  readonly first: string;
  /** The arguments after the first. */
  readonly rest: readonly string[];
}

/** A row of the command table, which drives parsing, help and completion. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands, in lower case, without a full stop. */
  readonly summary: string;
  /** The description in `malten COMMAND --help`: lines of at most 78 characters. */
  readonly details: readonly string[];
  readonly arguments: readonly Argument[];
  readonly options: readonly Option<unknown>[];
  /** Returns the exit code. */
  run(args: Arguments, session: Session): Promise<number>;
}

/** `send STREAM [TEXT…]` */
export function synopsis(command: Command): string {
  const words = command.arguments.map(({ name, optional, variadic, choices }) => {
    const word = (choices?.join("|") ?? name) + (variadic ? "…" : "");
    return optional ? `[${word}]` : word;
  });
  return [command.name, ...words].join(" ");
}

/** `Usage: malten send STREAM [TEXT…] [OPTIONS]` */
export function usageLine(command: Command): string {
  return `Usage: malten ${synopsis(command)}${command.options.length > 0 ? " [OPTIONS]" : ""}`;
}
