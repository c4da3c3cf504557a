/** A row of the option table: set by the flag `--name`, else by its environment variable, else by its default. */
export interface Option<T> {
  /** Without the dashes. */
  readonly name: string;
  /** One-letter form, without the dash. */
  readonly short?: string;
  /** Placeholder of the value in the help; an option without one is a boolean flag. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  /** Environment variable, if it is not `MALTEN_` and the name. */
  readonly variable?: string;
  /** Whether the flag may be given several times: its values are joined by commas. */
  readonly isRepeatable?: boolean;
  /** Whether the value may contain a password. It is then not repeated in errors. */
  readonly isSecret?: boolean;
  /** The allowed values, for completion. */
  readonly choices?: readonly string[];
  /**
   * Converts the value; undefined means that neither flag, variable nor default is set.
   * @throws InvalidValue
   */
  read(given: string | undefined): T;
}

/** The option's environment variable: `MALTEN_MAX_MEMORY` for `--max-memory`. */
export function variableOf({ name, variable }: Pick<Option<unknown>, "name" | "variable">): string {
  return variable ?? `MALTEN_${name.toUpperCase().replaceAll("-", "_")}`;
}
