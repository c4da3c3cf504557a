import type { Session } from "./session.ts";

/** Standard input as the keys of a terminal: they come at once, are not shown, and send no signals. */
export class RawInput implements Disposable {
  private readonly input: Session["input"];

  constructor(input: Session["input"]) {
    this.input = input;
    input.setRawMode?.(true);
  }

  /** Stops the process group as Ctrl-Z does. Resolves when it continues. */
  async suspend(): Promise<void> {
    const continued = new Promise<void>((resolve) => {
      process.once("SIGCONT", resolve);
    });
    this.input.setRawMode?.(false);
    process.kill(0, "SIGTSTP");
    await continued;
    this.input.setRawMode?.(true);
  }

  /** Stops the process group as Ctrl-C does. */
  interrupt(): void {
    process.kill(0, "SIGINT");
  }

  [Symbol.dispose](): void {
    this.input.setRawMode?.(false);
  }
}
