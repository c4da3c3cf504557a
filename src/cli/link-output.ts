import { closeSync, fstatSync, writeFileSync } from "node:fs";
import { renderUnicodeCompact } from "uqr";
import { UsageError } from "../options/errors.ts";
import { Failure } from "./failure.ts";
import { notOpen } from "./link.ts";
import type { Output } from "./output.ts";
import { join, plain, Plain } from "./plain.ts";
import type { Session } from "./session.ts";

/** A link to show, and what it is for. */
export interface ShownLink {
  /** `writer`: for programs. */
  readonly label: string;
  /** For people. */
  readonly purpose: string;
  readonly link: string;
}

/** Where links are shown: to the user, or to the program that asked for them. Never on standard output in a pipeline. */
export interface LinkOutput extends Disposable {
  /** Shows the links, and under them a note for people. @param qr the link to show as a QR code, too */
  show(links: readonly ShownLink[], note: Plain, qr?: string): Promise<void>;
}

/**
 * Finds out where to show links, before there are any.
 * @throws UsageError if there is no such place
 */
export function linkOutput(
  descriptor: number | undefined,
  qr: boolean,
  { output, errors, terminal }: Session,
): LinkOutput {
  if (descriptor !== undefined) return descriptorOutput(descriptor, qr, errors);
  const shown = [output, errors].find(({ isTerminal }) => isTerminal);
  if (shown !== undefined) return { show: showOn(shown), [Symbol.dispose]() {} };
  const opened = terminal();
  if (opened === undefined)
    throw new UsageError(
      "no terminal to show the links on, which are keys: name a file descriptor for them, like --link-fd 3 3> FILE",
    );
  return { show: showOn(opened.output), [Symbol.dispose]: () => opened[Symbol.dispose]() };
}

function showOn(output: Output): LinkOutput["show"] {
  return async (links, note, qr) => {
    // One per paragraph and line, so that a double click selects all of it.
    const paragraphs = links.map(({ purpose, link }) => plain`${purpose}:\n\n  ${link}\n`);
    const code = qr === undefined ? [] : [Plain.own(`${renderUnicodeCompact(qr)}\n`)];
    await output.line(join([...paragraphs, ...code, note], "\n"));
  };
}

/** Writes a line for each link and closes the descriptor, so that who reads it need not wait. */
function descriptorOutput(descriptor: number, qr: boolean, errors: Output): LinkOutput {
  if (qr) throw new UsageError("--qr shows the link on a terminal: leave out --link-fd");
  if (descriptor < 3)
    throw new UsageError(`--link-fd ${descriptor} is a standard stream. Use another: --link-fd 3 3> FILE`);
  const isReadable = readableByOthers(descriptor);
  return {
    async show(links) {
      if (isReadable) await errors.line(plain`warning: other users can read the file with the links`);
      try {
        writeFileSync(descriptor, links.map(({ label, link }) => `${label}\t${link}\n`).join(""));
        closeSync(descriptor);
      } catch (error) {
        // Not the system's message: some quote what could not be written.
        const code = error instanceof Error && "code" in error ? String(error.code) : "error";
        throw new Failure(`cannot write the links to file descriptor ${descriptor} (${code})`, {
          cause: error,
        });
      }
    },
    [Symbol.dispose]() {},
  };
}

/** @throws UsageError if the descriptor is not open */
function readableByOthers(descriptor: number): boolean {
  try {
    const about = fstatSync(descriptor);
    return about.isFile() && (about.mode & 0o044) !== 0;
  } catch (error) {
    throw new UsageError(notOpen(descriptor, ">"), { cause: error });
  }
}
