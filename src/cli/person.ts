import { InvalidValue } from "../options/errors.ts";
import type { Option } from "../options/option.ts";
import { checkPerson, MAX_PERSON } from "../protocol/presence.ts";

/** The option `--name` of a command in which the user appears under a name. */
export function personName(help: string): Option<string | undefined> {
  return {
    name: "name",
    value: "NAME",
    help,
    read(given) {
      try {
        return given === undefined ? undefined : checkPerson(given);
      } catch (error) {
        throw new InvalidValue(`one line of 1 to ${MAX_PERSON} characters`, { cause: error });
      }
    },
  };
}
