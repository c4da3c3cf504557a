import type { Output } from "../output.ts";
import { join, plain, Plain } from "../plain.ts";
import { widthOf } from "../width.ts";

/** What is below the messages: rows that are not wrapped, and the cursor in one of them. */
export interface FooterView {
  readonly rows: readonly Plain[];
  /** The row of the cursor. */
  readonly row: number;
  /** What is before the cursor in its row. */
  readonly beforeCursor: Plain;
}

/** Control functions of ECMA-48 §8.3, and private modes of xterm. */
const ERASE_BELOW = plain`\u001b[J`;
const WRAP = { on: plain`\u001b[?7h`, off: plain`\u001b[?7l` };
/** The terminal shows what is between them at once. */
const FRAME = { begin: plain`\u001b[?2026h`, end: plain`\u001b[?2026l` };

/** Lines that may wait to be printed, before whoever prints them waits as well. */
const MAX_WAITING = 500;

/**
 * Prints lines above a footer, which stays at the end of what is on the terminal. The lines are ordinary output: the terminal wraps
 * them, scrolls them back and copies them.
 */
export class Footer {
  private readonly output: Output;
  private readonly view: () => FooterView;
  private readonly stopResizing: () => void;
  private waiting: Plain[] = [];
  /** The footer on the screen. */
  private drawn: FooterView = NOTHING;
  /** The width that the terminal had when it was drawn. */
  private columns = 0;
  /** Resolves when what waits is printed. */
  private frame: Promise<void> | undefined;
  private isClosed = false;

  constructor(output: Output, view: () => FooterView) {
    this.output = output;
    this.view = view;
    this.stopResizing = output.onResize(() => void this.draw());
  }

  /** Prints a line above the footer; resolves when there is room for more. */
  async print(line: Plain): Promise<void> {
    if (this.isClosed) return;
    this.waiting.push(line);
    const frame = this.draw();
    if (this.waiting.length >= MAX_WAITING) await frame;
  }

  /** Draws the footer again, with all changes of this turn of the event loop. */
  draw(): Promise<void> {
    if (this.frame === undefined) {
      this.frame = this.next();
      // Whoever awaits it learns that the terminal is gone.
      this.frame.catch(() => {});
    }
    return this.frame;
  }

  /** Removes the footer, after what waits is printed. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.stopResizing();
    await this.frame;
    await this.write(NOTHING);
  }

  /** Removes the footer until it is drawn again. */
  async hide(): Promise<void> {
    await this.write(NOTHING);
  }

  private async next(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    try {
      const view = this.isClosed ? NOTHING : this.view();
      if (this.waiting.length > 0 || !this.isDrawn(view)) await this.write(view);
    } finally {
      this.frame = undefined;
    }
    // What came while this one was written.
    if (this.waiting.length > 0) await this.draw();
  }

  private async write(view: FooterView): Promise<void> {
    // In raw mode, the terminal may not return by itself.
    const lines = this.waiting.splice(0).map(({ text }) => Plain.own(`${text.replaceAll("\n", "\r\n")}\r\n`));
    const above = this.rowsBeforeCursor();
    const below = view.rows.length - 1 - view.row;
    this.drawn = view;
    this.columns = this.output.columns;
    await this.output.write(
      join(
        [
          FRAME.begin,
          plain`\r${up(above)}`,
          ERASE_BELOW,
          ...lines,
          WRAP.off,
          join(view.rows, "\r\n"),
          // Written again up to the cursor: terminals differ in the width of some characters.
          plain`\r${up(below)}${view.beforeCursor}`,
          WRAP.on,
          FRAME.end,
        ],
        "",
      ),
    );
  }

  private isDrawn({ rows, row, beforeCursor }: FooterView): boolean {
    const { drawn } = this;
    return (
      this.columns === this.output.columns &&
      row === drawn.row &&
      beforeCursor.text === drawn.beforeCursor.text &&
      join(rows, "\n").text === join(drawn.rows, "\n").text
    );
  }

  /**
   * Rows of the screen from the beginning of the footer to the cursor. A window that became narrower has wrapped them; what was wider
   * than the window when it was drawn is not there.
   */
  private rowsBeforeCursor(): number {
    const { rows, row, beforeCursor } = this.drawn;
    const { columns } = this.output;
    const drawn = (text: Plain, most: number) => Math.min(widthOf(text), Math.max(most, 0));
    const height = (text: Plain) => Math.max(Math.ceil(drawn(text, this.columns) / columns), 1);
    const above = rows.slice(0, row).reduce((sum, text) => sum + height(text), 0);
    return above + Math.floor(drawn(beforeCursor, this.columns - 1) / columns);
  }
}

const NOTHING: FooterView = { rows: [], row: 0, beforeCursor: plain`` };

/** CUU (ECMA-48 §8.3.22), which moves by at least one. */
function up(rows: number): Plain {
  return rows > 0 ? plain`\u001b[${rows}A` : plain``;
}
