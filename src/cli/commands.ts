import type { Command } from "./command.ts";
import { chat } from "./commands/chat.ts";
import { completionCommand } from "./commands/completion.ts";
import { end } from "./commands/end.ts";
import { helpCommand } from "./commands/help.ts";
import { create } from "./commands/new.ts";
import { pipeCommand } from "./commands/pipe.ts";
import { send } from "./commands/send.ts";
import { streams } from "./commands/streams.ts";
import { tail } from "./commands/tail.ts";

/** Returns the command table, which drives parsing, help and completion. */
export function commandTable(serve: Command): readonly Command[] {
  const commands: Command[] = [serve, send, tail, chat, pipeCommand, streams, create, end];
  commands.push(completionCommand(commands), helpCommand(commands));
  return commands;
}
