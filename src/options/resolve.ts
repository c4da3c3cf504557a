import { InvalidValue, UsageError } from "./errors.ts";
import { variableOf, type Option } from "./option.ts";

/** The values of a set of options: flags before environment variables before defaults. */
export interface OptionValues {
  /** @throws UsageError that names the flag or variable with the invalid value */
  value<T>(option: Option<T>): T;
  /** Whether the option is on the command line. */
  isFlag(option: Option<unknown>): boolean;
}

/** Flags by option name; a boolean flag is `true`. */
export type Flags = Readonly<Record<string, string | true | undefined>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Resolves each option on demand. An empty variable counts as unset. */
export function resolveOptions(flags: Flags, environment: Environment): OptionValues {
  return {
    isFlag: ({ name }) => flags[name] !== undefined,
    value(option) {
      const variable = variableOf(option);
      const flag = flags[option.name];
      const fromEnvironment = environment[variable] === "" ? undefined : environment[variable];
      const given = flag === true ? "1" : (flag ?? fromEnvironment ?? option.default);
      try {
        return option.read(given);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        const source = flag === undefined && fromEnvironment !== undefined ? variable : `--${option.name}`;
        const value = option.isSecret === true ? "" : ` ${JSON.stringify(given ?? "")}`;
        throw new UsageError(`invalid ${source}${value}: use ${error.message}`, { cause: error });
      }
    },
  };
}
