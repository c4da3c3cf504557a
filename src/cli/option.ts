import { UsageError } from "./failure.ts";

/** What can be set by `--name`, or by its variable. */
export interface Option<T> {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** What it is unless it is given. */
  readonly preset?: string;
  /** Its variable, where that is not `MALTEN_` and its name. */
  readonly variable?: string;
  /** All that its value can be. */
  readonly choices?: readonly string[];
  /** Undefined: neither given nor preset. @throws UsageError for what it cannot be */
  read(given: string | undefined): T;
}

type About = Omit<Option<unknown>, "read" | "choices">;

/** The variable that stands for an option which is not given. */
export function variableOf({ name, variable }: Pick<Option<unknown>, "name" | "variable">): string {
  return variable ?? `MALTEN_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** On or off; its variable is 1 or true, 0 or false. */
export function flag(about: About): Option<boolean> {
  return {
    ...about,
    read(given) {
      if (given === undefined || given === "0" || given === "false") return false;
      if (given === "1" || given === "true") return true;
      throw new UsageError(`--${about.name} is 1, 0, true or false, not ${given}`);
    },
  };
}

/** The same, but what is not given is undefined instead of refused. */
export function optional<T>(option: Option<T>): Option<T | undefined> {
  return { ...option, read: (given) => (given === undefined ? undefined : option.read(given)) };
}

/** Any text but none at all. `what` says in an error what it is. */
export function text(about: About, what: string): Option<string> {
  return {
    ...about,
    read(given = "") {
      if (given !== "") return given;
      throw new UsageError(`--${about.name} is ${what}, not nothing`);
    },
  };
}

export function choice<T extends string>(about: About, choices: readonly T[]): Option<T> {
  return {
    ...about,
    choices,
    value: choices.join("|"),
    read(given = "") {
      const found = choices.find((known) => known === given);
      if (found !== undefined) return found;
      throw new UsageError(`--${about.name} is one of ${choices.join(", ")}, not ${given}`);
    },
  };
}

export function integer(about: About, least: number, most: number): Option<number> {
  return {
    ...about,
    read(given = "") {
      const number = /^[0-9]{1,9}$/.test(given) ? Number(given) : Number.NaN;
      if (number >= least && number <= most) return number;
      throw new UsageError(`--${about.name} is a whole number from ${least} to ${most}, not ${given}`);
    },
  };
}

/** A time in seconds, at least one. */
export function duration(about: About, most: number): Option<number> {
  return {
    ...about,
    read(given = "") {
      const seconds = parseDuration(given) ?? 0;
      if (seconds >= 1 && seconds <= most) return seconds;
      throw new UsageError(
        `--${about.name} is a time of 1s to ${most / DAY}d, like 90, 15m or 2h, not ${given}`,
      );
    },
  };
}

const DAY = 24 * 60 * 60;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 60 * 60, d: DAY };

/** `90`, `90s`, `15m`, `2h`, `7d` in seconds; undefined for anything else. */
export function parseDuration(given: string): number | undefined {
  const [, digits, unit = "s"] = /^([0-9]{1,9})([smhd]?)$/.exec(given) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (SECONDS[unit] ?? 1);
}
