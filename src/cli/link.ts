import { createReadStream } from "node:fs";
import { UsageError } from "../options/errors.ts";
import { flag, integer, optional } from "../options/kinds.ts";
import type { Environment, OptionValues } from "../options/resolve.ts";
import { Failure } from "./failure.ts";
import { linesOf } from "./lines.ts";
import { plain, type Plain } from "./plain.ts";
import { unlessStopped, type Session } from "./session.ts";

/** The environment variable with a link. There is no such option: other users can see command lines. */
const VARIABLE = "MALTEN_LINK";

export const ENCRYPTED = flag({
  name: "encrypted",
  short: "e",
  help: "use the stream of a link: asks for it",
});

export const LINK_FD = optional(
  integer({ name: "link-fd", value: "N", help: "read the link from file descriptor N" }, 0, 1_000_000),
);

/** A link of any version with enough of its secret to be worth hiding. Some programs escape the colon. */
const LINK = /(^|#)\s*v\d+(:|%3A)[\w-]{16,}/i;

/** The line of `malten new --link-fd` and `malten pipe --link-fd`, or a link alone. */
const LINE = /^(?:[a-z]+\s+|MALTEN_LINK=)?(\S+)$/;

/** Reports whether a text contains the link of an encrypted stream or a pipe. Ordinary text like `v1: done` does not. */
export function containsLink(text: string): boolean {
  return LINK.test(text);
}

/** @throws UsageError for a command line with a link; the message does not repeat it */
export function refuseLinks(words: readonly string[]): void {
  if (!words.some(containsLink)) return;
  throw new UsageError(
    "a link is a key and must not be on the command line: others on this machine can see it there,\n" +
      "and your shell's history has it now. Delete it from the history. Then type it when you are asked\n" +
      `for it (malten tail --encrypted, malten pipe), or use ${VARIABLE} or --link-fd`,
  );
}

/** Reports whether the command is about the stream of a link, so that STREAM is left out. */
export function usesLink(values: OptionValues, environment: Environment): boolean {
  return (
    values.value(ENCRYPTED) || values.value(LINK_FD) !== undefined || variable(environment) !== undefined
  );
}

/** How to get a link. */
interface LinkRequest {
  /** Asked on the terminal if no link is given. */
  readonly question: Plain;
  /** Standard input is not for the link. */
  readonly needsInput: boolean;
}

/**
 * Returns the link from `--link-fd`, `MALTEN_LINK` or the terminal, in this order; "" if the user typed none.
 * @throws UsageError if there is no link and no terminal
 */
export async function readLink(
  values: OptionValues,
  session: Session,
  { question, needsInput }: LinkRequest,
): Promise<string> {
  const descriptor = values.value(LINK_FD);
  const given =
    descriptor === undefined
      ? (variable(session.environment) ?? (await ask(question, session)))
      : await readDescriptor(descriptor, needsInput, session);
  return LINE.exec(given.trim())?.[1] ?? given.trim();
}

async function ask(question: Plain, session: Session): Promise<string> {
  using terminal = session.terminal();
  if (terminal === undefined)
    throw new UsageError(`no terminal to ask for the link: set ${VARIABLE} or use --link-fd`);
  return await terminal.askSecret(question);
}

async function readDescriptor(descriptor: number, needsInput: boolean, session: Session): Promise<string> {
  if (descriptor === 1 || descriptor === 2)
    throw new UsageError(`--link-fd ${descriptor} is for output. Use another: --link-fd 3 3< FILE`);
  if (descriptor === 0 && needsInput)
    throw new UsageError("--link-fd 0: standard input is what is sent. Use another: --link-fd 3 3< FILE");
  const input = descriptor === 0 ? session.input : createReadStream("", { fd: descriptor });
  try {
    return await unlessStopped(firstLine(input), session.signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EBADF")) throw error;
    throw new UsageError(notOpen(descriptor, "<"), { cause: error });
  }
}

export function notOpen(descriptor: number, direction: "<" | ">"): string {
  return `file descriptor ${descriptor} is not open. Open it: --link-fd ${descriptor} ${descriptor}${direction} FILE`;
}

async function firstLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    for await (const { text } of linesOf(input, "reject")) return text;
    return "";
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new UsageError("the first line of the file descriptor is not a link", { cause: error });
  }
}

function variable(environment: Environment): string | undefined {
  return environment[VARIABLE] === "" ? undefined : environment[VARIABLE];
}

/** The question for the link of a stream. */
export const STREAM_LINK = plain`Link (not shown): `;
