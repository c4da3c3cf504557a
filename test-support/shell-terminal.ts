// Commands on a terminal whose standard streams are redirected, as in a pipeline.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerminalCommand, type CommandOptions } from "./command.ts";
import { SOURCE } from "./process.ts";

/** A folder for the files of a test. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), "malten-test-")));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  text(name: string): Promise<string> {
    return readFile(this.file(name), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

/** Runs a line of bash on a terminal, in which `"$@"` is malten with these arguments. */
export function onTerminal(line: string, args: readonly string[], options: CommandOptions): TerminalCommand {
  return new TerminalCommand(args, { ...options, command: ["bash", "-c", line, "bash", ...SOURCE] });
}
