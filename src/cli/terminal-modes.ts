import { writeSync } from "node:fs";
import type { Output } from "./output.ts";
import { Plain } from "./plain.ts";
import type { Session } from "./session.ts";

/** Control sequences that change how the terminal of standard output behaves, and those that undo it. */
interface Modes {
  readonly on: string;
  readonly off: string;
}

/** Changes modes of the terminal until it is disposed of, or the program ends in another way. */
export class TerminalModes implements Disposable {
  private readonly output: Output;
  private readonly modes: Modes;
  // At the end, only what is written synchronously is.
  private readonly atExit = () => void writeSync(1, this.modes.off);

  constructor({ output, stopOn }: Pick<Session, "output" | "stopOn">, modes: Modes) {
    this.output = output;
    // By themselves, they would end the program at once.
    stopOn("SIGHUP");
    stopOn("SIGQUIT");
    this.modes = modes;
    process.once("exit", this.atExit);
    this.write(modes.on);
  }

  /** Undoes them for a while, in which `work` runs. */
  async without(work: () => Promise<void>): Promise<void> {
    this.write(this.modes.off);
    await work();
    this.write(this.modes.on);
  }

  [Symbol.dispose](): void {
    process.off("exit", this.atExit);
    this.write(this.modes.off);
  }

  private write(sequences: string): void {
    // If the terminal is gone, the program ends for that reason.
    this.output.write(Plain.own(sequences)).catch(() => {});
  }
}
