import { UsageError } from "../../options/errors.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { helpOf, overview } from "../help.ts";
import { Plain } from "../plain.ts";
import { unknown } from "../suggest.ts";

/** `malten help` */
export function helpCommand(commands: readonly Command[]): Command {
  return {
    name: "help",
    summary: "show this help, or the help of a command",
    details: ["Shows the list of commands, or the help of COMMAND."],
    arguments: [{ name: "COMMAND", optional: true }],
    options: [],
    async run({ first }, { output }) {
      const names = commands.map(({ name }) => name);
      const command = commands[names.indexOf(first)];
      if (command === undefined && first !== "")
        throw new UsageError(unknown("command", first, names, "malten --help"));
      await output.line(Plain.own(command === undefined ? overview(commands) : helpOf(command)));
      return EXIT.done;
    },
  };
}
