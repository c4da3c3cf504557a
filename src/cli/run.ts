import type { Command } from "./command.ts";
import { commandsBeside } from "./commands.ts";
import { explain } from "./explain.ts";
import { EXIT, Interrupted } from "./failure.ts";
import { helpOf, overview } from "./help.ts";
import { BrokenPipe } from "./output.ts";
import { findCommand, parseArguments } from "./parse.ts";
import { visible } from "./plain.ts";
import type { Session } from "./session.ts";

/** Does what the command line asks for; `preset` is what it asks for without a command. Answers the exit code. */
export async function runCommand(
  preset: Command,
  given: readonly string[],
  session: Session,
): Promise<number> {
  const code = await run(preset, given, session).catch((error: unknown) => failed(error, session));
  await Promise.all([session.output.flush(), session.errors.flush()]);
  return code;
}

async function run(preset: Command, given: readonly string[], session: Session): Promise<number> {
  const commands = commandsBeside(preset);
  const { command, asks, words } = findCommand(commands, given);
  if (asks !== undefined) {
    const help = () => (command === undefined ? overview(commands) : helpOf(command));
    await session.output.line(asks === "help" ? help() : session.version);
    return EXIT.done;
  }
  const asked = command ?? preset;
  return asked.run(parseArguments(asked, words, session.environment), session);
}

async function failed(error: unknown, { errors, signal }: Session): Promise<number> {
  if (error instanceof BrokenPipe) return EXIT.done;
  if (signal.reason instanceof Interrupted) return signal.reason.exitCode;
  const { message, exitCode } = explain(error);
  try {
    await errors.line(`malten: ${visible(message)}`);
  } catch {
    // Nobody reads that either; the exit code says enough.
  }
  return exitCode;
}
