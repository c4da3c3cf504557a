import type { Output } from "./output.ts";
import { join, plain, type Plain } from "./plain.ts";
import { RawInput } from "./raw-input.ts";
import type { Session } from "./session.ts";
import { TerminalModes } from "./terminal-modes.ts";

/** Private modes of xterm: the alternate screen, the cursor, and the wrapping of long lines. */
const MODES = {
  on: "\u001b[?1049h\u001b[?25l\u001b[?7l",
  off: "\u001b[?7h\u001b[?25h\u001b[?1049l",
};

const CTRL_C = "\u0003";
const CTRL_Z = "\u001a";

/** A terminal of which a program has the whole screen, until the user presses q. What was on it before is there again afterwards. */
export class FullScreen implements Disposable {
  /** Resolves when the user wants to quit. */
  readonly quit: Promise<void>;
  private readonly output: Output;
  private readonly input: RawInput | undefined;
  private readonly modes: TerminalModes;
  private readonly draw: () => readonly Plain[];
  private readonly stopResizing: () => void;

  /** @param draw the rows to show */
  constructor(session: Session, draw: () => readonly Plain[]) {
    const { input, output } = session;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.quit = promise;
    this.output = output;
    this.draw = draw;
    this.modes = new TerminalModes(session, MODES);
    this.stopResizing = output.onResize(() => void this.update());
    if (input.isTTY === true) {
      this.input = new RawInput(input);
      this.read(input, resolve).catch(resolve);
    }
  }

  /** Draws what has changed: each row over the one before, so that nothing flickers. */
  async update(): Promise<void> {
    const rows = this.draw().slice(0, this.output.rows);
    // CUP, EL and ED: ECMA-48 §8.3.21, §8.3.41 and §8.3.39.
    const lines = rows.map((row) => plain`${row}\u001b[K`);
    await this.output.write(plain`\u001b[H${join(lines, "\r\n")}\u001b[J`);
  }

  [Symbol.dispose](): void {
    this.stopResizing();
    this.input?.[Symbol.dispose]();
    this.modes[Symbol.dispose]();
  }

  private async read(keys: AsyncIterable<Uint8Array>, quit: () => void): Promise<void> {
    for await (const bytes of keys) {
      const text = Buffer.from(bytes).toString("latin1");
      if (text.includes(CTRL_C)) this.input?.interrupt();
      else if (text.includes(CTRL_Z)) await this.suspend();
      else if (text.includes("q")) quit();
    }
  }

  private async suspend(): Promise<void> {
    await this.modes.without(async () => this.input?.suspend());
    await this.update();
  }
}
