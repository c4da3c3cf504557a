// What a person sees: commands on a terminal that is emulated.
import { Terminal } from "@xterm/headless";
import { TerminalCommand, type CommandOptions, type WindowSize } from "./command.ts";

/** How long to wait for something to appear, in milliseconds. Then the error shows what is there. */
const PATIENCE = 25_000;

/** A `malten` on a terminal, and what its screen shows. */
export class ScreenCommand extends TerminalCommand {
  protected readonly terminal: Terminal;
  private drawn = () => {};

  constructor(
    args: readonly string[],
    options: CommandOptions = {},
    size: WindowSize = { columns: 80, rows: 24 },
  ) {
    const terminal = new Terminal({
      cols: size.columns,
      rows: size.rows,
      scrollback: 10_000,
      allowProposedApi: true,
    });
    super(args, options, size, (bytes) => terminal.write(bytes, () => this.drawn()));
    this.terminal = terminal;
  }

  /** The rows of the screen, without the spaces at their ends. */
  get rows(): string[] {
    const { active } = this.terminal.buffer;
    return this.text(active.baseY, active.baseY + this.terminal.rows);
  }

  /** All rows, with those that scrolled off the screen; without empty ones at the end. */
  get history(): string {
    return this.text(0, this.terminal.buffer.active.length).join("\n").trimEnd();
  }

  /** The text of the cursor's row before the cursor. */
  get beforeCursor(): string {
    const { active } = this.terminal.buffer;
    return active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? "";
  }

  /** Whether the alternate screen is shown, as full-screen programs use it. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === "alternate";
  }

  /** Waits until the screen is as described. @throws Error with the screen if that takes too long */
  async see(isSeen: (rows: readonly string[]) => boolean): Promise<readonly string[]> {
    const late = AbortSignal.timeout(PATIENCE);
    while (!isSeen(this.rows)) {
      if (late.aborted) throw new Error(`The screen shows\n${this.rows.join("\n")}`);
      await new Promise<void>((resolve) => {
        this.drawn = resolve;
        late.addEventListener("abort", () => resolve());
      });
    }
    return this.rows;
  }

  /** Waits until a row contains the text, or matches it. Returns that row. */
  async row(text: string | RegExp): Promise<string> {
    const isIt = (row: string) => (typeof text === "string" ? row.includes(text) : text.test(row));
    return (await this.see((rows) => rows.some(isIt))).find(isIt) ?? "";
  }

  override resize(size: WindowSize): void {
    this.terminal.resize(size.columns, size.rows);
    super.resize(size);
  }

  /** What a window that became narrower has cut off is not text of it. */
  /** What a window that became narrower has cut off is not seen. */
  private text(from: number, to: number): string[] {
    const { active } = this.terminal.buffer;
    return Array.from(
      { length: to - from },
      (_, i) =>
        active
          .getLine(from + i)
          ?.translateToString(true, 0, this.terminal.cols)
          .trimEnd() ?? "",
    );
  }
}
