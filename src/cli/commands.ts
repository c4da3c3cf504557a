import type { Command } from "./command.ts";
import { completion } from "./completion.ts";
import { help } from "./help.ts";

/** The table of all commands: parsing, help and completion are made from it. */
export function commandsBeside(serving: Command): readonly Command[] {
  const commands: Command[] = [serving];
  commands.push(completion(commands), help(commands));
  return commands;
}
