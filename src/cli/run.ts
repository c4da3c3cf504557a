import type { Command } from "./command.ts";
import { commandTable } from "./commands.ts";
import { UsageError } from "../options/errors.ts";
import { explain } from "./explain.ts";
import { EXIT, Interrupted } from "./failure.ts";
import { helpOf, overview } from "./help.ts";
import { refuseLinks } from "./link.ts";
import { BrokenPipe } from "./output.ts";
import { findCommand, parseArguments } from "./parse.ts";
import { join, plain, Plain } from "./plain.ts";
import type { Session } from "./session.ts";

/** Runs a command line; `serve` is the default command. Returns the exit code. */
export async function runCommand(
  serve: Command,
  words: readonly string[],
  session: Session,
): Promise<number> {
  const code = await run(serve, words, session).catch((error: unknown) => failed(error, session));
  await Promise.all([session.output.flush(), session.errors.flush()]);
  return code;
}

async function run(serve: Command, given: readonly string[], session: Session): Promise<number> {
  refuseLinks(given);
  const commands = commandTable(serve);
  const { command, asks, words } = findCommand(commands, given);
  if (asks !== undefined) {
    const help = () => (command === undefined ? overview(commands) : helpOf(command));
    await session.output.line(Plain.own(asks === "help" ? help() : session.version));
    return EXIT.done;
  }
  const chosen = command ?? serve;
  return chosen.run(parseArguments(chosen, words, session.environment), session);
}

async function failed(error: unknown, { errors, signal }: Session): Promise<number> {
  if (error instanceof BrokenPipe) return EXIT.done;
  if (signal.reason instanceof Interrupted) return signal.reason.exitCode;
  const { message, exitCode } = explain(error);
  // Only the usage, which is this program's own, is on a line of its own.
  const lines = error instanceof UsageError ? message.split("\n") : [message];
  try {
    await errors.line(
      plain`error: ${join(
        lines.map((line) => plain`${line}`),
        "\n",
      )}`,
    );
  } catch {
    // Standard error is closed too: the exit code must be enough.
  }
  return exitCode;
}
