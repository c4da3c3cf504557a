import type { Command } from "./command.ts";
import { completionCommand } from "./completion.ts";
import { end } from "./end.ts";
import { helpCommand } from "./help.ts";
import { create } from "./new.ts";
import { send } from "./send.ts";
import { streams } from "./streams.ts";
import { tail } from "./tail.ts";

/** The table of all commands: parsing, help and completion are made from it. */
export function commandsBeside(serving: Command): readonly Command[] {
  const commands: Command[] = [serving, send, tail, streams, create, end];
  commands.push(completionCommand(commands), helpCommand(commands));
  return commands;
}
