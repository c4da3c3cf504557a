import type { Option } from "./option.ts";
import type { Session } from "./session.ts";

/** What stands on the command line without a dash. */
export interface Argument {
  readonly name: string;
  readonly optional?: boolean;
  /** It, and all that follow. */
  readonly many?: boolean;
  /** All that it can be. */
  readonly choices?: readonly string[];
}

/** What was given to a command, by flags before variables before presets. */
export interface Arguments {
  /** @throws UsageError for what the option cannot be */
  value<T>(option: Option<T>): T;
  /** The first of the arguments, which a command that needs one always has. */
  readonly first: string;
  /** Those after the first. */
  readonly rest: readonly string[];
}

/** A row of the table from which the command line is parsed, helped with and completed. */
export interface Command {
  readonly name: string;
  /** For the list of commands: a line without a full stop. */
  readonly summary: string;
  /** For its own help: lines of at most 78 characters. */
  readonly details: readonly string[];
  readonly arguments: readonly Argument[];
  readonly options: readonly Option<unknown>[];
  /** Answers the exit code. */
  run(args: Arguments, session: Session): Promise<number>;
}

/** `send STREAM [TEXT…]` */
export function usageOf(command: Command): string {
  const words = command.arguments.map(({ name, optional, many, choices }) => {
    const word = (choices?.join("|") ?? name) + (many ? "…" : "");
    return optional ? `[${word}]` : word;
  });
  return [command.name, ...words].join(" ");
}
