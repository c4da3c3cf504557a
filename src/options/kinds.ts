import { parseDuration, DAY } from "./duration.ts";
import { InvalidValue } from "./errors.ts";
import type { Option } from "./option.ts";

type Description = Omit<Option<unknown>, "read" | "choices">;

/** A boolean flag. Its variable is 1 or true, 0 or false. */
export function flag(description: Description): Option<boolean> {
  return {
    ...description,
    read(given) {
      if (given === undefined || given === "0" || given === "false") return false;
      if (given === "1" || given === "true") return true;
      throw new InvalidValue("1, 0, true or false");
    },
  };
}

/** The same option, but undefined if it is not set. */
export function optional<T>(option: Option<T>): Option<T | undefined> {
  return { ...option, read: (given) => (given === undefined ? undefined : option.read(given)) };
}

/** Any non-empty text. `expected` describes it in the error: "an address of this machine". */
export function text(description: Description, expected: string): Option<string> {
  return {
    ...description,
    read(given = "") {
      if (given !== "") return given;
      throw new InvalidValue(expected);
    },
  };
}

/** One of a set of words. */
export function choice<T extends string>(description: Description, choices: readonly T[]): Option<T> {
  return {
    ...description,
    choices,
    value: choices.join("|"),
    read(given = "") {
      const found = choices.find((known) => known === given);
      if (found !== undefined) return found;
      throw new InvalidValue(oneOf(choices));
    },
  };
}

/** A whole number from `min` to `max`. */
export function integer(description: Description, min: number, max: number): Option<number> {
  return {
    ...description,
    read(given = "") {
      const number = /^[0-9]{1,9}$/.test(given) ? Number(given) : Number.NaN;
      if (number >= min && number <= max) return number;
      throw new InvalidValue(`a whole number from ${min} to ${max}`);
    },
  };
}

/** A number of processes from 1 to `max`, or `auto`. */
export function processes(description: Description, max: number): Option<number | "auto"> {
  const number = integer(description, 1, max);
  return {
    ...description,
    read(given = "") {
      if (given === "auto") return "auto";
      if (/^[0-9]+$/.test(given)) return number.read(given);
      throw new InvalidValue(`auto or a whole number from 1 to ${max}`);
    },
  };
}

/** Items separated by commas, such as addresses. `read` returns undefined for an invalid one; `expected` describes the whole value. */
export function list<T>(
  description: Description,
  read: (item: string) => T | undefined,
  expected: string,
): Option<readonly T[]> {
  return {
    ...description,
    read(given = "") {
      return given.split(",").map((item) => {
        const value = read(item.trim());
        if (value === undefined) throw new InvalidValue(expected);
        return value;
      });
    },
  };
}

/** A duration in seconds, from 1 to `max`. */
export function duration(description: Description, max: number): Option<number> {
  return {
    ...description,
    read(given = "") {
      const seconds = parseDuration(given) ?? 0;
      if (seconds >= 1 && seconds <= max) return seconds;
      throw new InvalidValue(`a duration from 1s to ${max / DAY}d, like 90, 15m or 2h`);
    },
  };
}

/** A size in bytes, at least 1 MiB: `512m`, `2g`, `2048k`, `5MB` or a number of bytes. Units are powers of 1024. */
export function size(description: Description): Option<number> {
  return bytes(description, 1024 ** 2, "a size of 1m or more, like 512m, 2g or a number of bytes");
}

/** A number of bytes per second, at least 1 KiB, or 0 for no limit. */
export function byteRate(description: Description): Option<number> {
  const rate = bytes(description, 1024, "0, or bytes per second of 1k or more, like 512k or 2m");
  return { ...rate, read: (given) => (given === "0" ? 0 : rate.read(given)) };
}

function bytes(description: Description, least: number, expected: string): Option<number> {
  return {
    ...description,
    read(given = "") {
      const [, digits, unit = ""] = /^([0-9]{1,12})([kmg]?)b?$/i.exec(given) ?? [];
      const count = Number(digits) * 1024 ** ["", "k", "m", "g"].indexOf(unit.toLowerCase());
      if (count >= least) return count;
      throw new InvalidValue(expected);
    },
  };
}

/** `a, b or c` */
export function oneOf(choices: readonly string[]): string {
  return choices.length > 1 ? `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}` : choices.join("");
}
