import { closeSync, openSync, read } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { promisify } from "node:util";
import type { Environment } from "../options/resolve.ts";
import { Output } from "./output.ts";
import { plain, type Plain } from "./plain.ts";
import { SecretLine } from "./secret-line.ts";
import { unlessStopped } from "./session.ts";

const readBytes = promisify(read);

/** The controlling terminal of the process, whatever its standard input and output are: tty(4). */
export class Terminal implements Disposable {
  readonly output: Output;
  private readonly descriptor: number;
  private readonly stop: AbortSignal;

  private constructor(descriptor: number, environment: Environment, stop: AbortSignal) {
    this.descriptor = descriptor;
    this.stop = stop;
    this.output = new Output(new WriteStream(descriptor), environment, stop);
  }

  /** Returns undefined where there is no terminal: in a service, in a container without one, on Windows. */
  static open(environment: Environment, stop: AbortSignal): Terminal | undefined {
    try {
      return new Terminal(openSync("/dev/tty", "r+"), environment, stop);
    } catch {
      return undefined;
    }
  }

  /** Asks for a line and shows what is typed. */
  async ask(question: Plain): Promise<string> {
    await this.output.write(question);
    let line = "";
    for (;;) {
      const typed = await this.read();
      line += typed;
      if (typed === "" || typed.endsWith("\n")) return line.trim();
    }
  }

  /** Asks for a line and does not show what is typed. */
  async askSecret(question: Plain): Promise<string> {
    // Never read from: it would read ahead what is typed for standard input.
    const mode = new ReadStream(this.descriptor);
    // Before the question is seen, and answered.
    mode.setRawMode(true);
    try {
      await this.output.write(question);
      return await this.secretLine();
    } finally {
      mode.setRawMode(false);
      await this.output.line(plain``);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }

  private async secretLine(): Promise<string> {
    const line = new SecretLine();
    for (;;) {
      const typed = await this.read();
      const progress = typed === "" ? "done" : line.feed(typed);
      if (progress === "done") return line.text;
      // In raw mode the terminal sends no signal. As it would, to the whole pipeline.
      if (progress === "interrupted") process.kill(0, "SIGINT");
    }
  }

  /** Reads what was typed; "" at the end of the input. */
  private async read(): Promise<string> {
    const { buffer, bytesRead } = await unlessStopped(
      readBytes(this.descriptor, { buffer: Buffer.alloc(1024) }),
      this.stop,
    );
    return buffer.toString("utf8", 0, bytesRead);
  }
}
