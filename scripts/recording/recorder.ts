import { ScreenCommand } from "../../test-support/screen.ts";

/** Text of one look, in a row of a terminal. */
export interface Run {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
  /** Classes of the style sheet: `c36`, `bold`, `dim`. */
  readonly look: string;
}

/** What the screen shows for a while. */
export interface Frame {
  /** In milliseconds since the beginning of the recording. */
  readonly from: number;
  readonly rows: readonly (readonly Run[])[];
  readonly cursor: { readonly row: number; readonly column: number };
}

/** A key is held for so long, in milliseconds. */
const KEY = 70;

/** A terminal whose screens are kept, at times that are given: how fast this machine is does not matter. */
export class Recorder extends ScreenCommand {
  readonly frames: Frame[] = [];
  /** Where the recording is now, in milliseconds. */
  length = 0;

  /** Shows the present screen for a while. */
  hold(milliseconds: number): void {
    this.frames.push(this.frame());
    this.length += milliseconds;
  }

  /** Types a text, key by key. */
  async typeSlowly(text: string): Promise<void> {
    for (const key of text) {
      const before = this.beforeCursor;
      this.type(key);
      await this.see(() => this.beforeCursor === before + key);
      this.hold(KEY);
    }
  }

  private frame(): Frame {
    const { active } = this.terminal.buffer;
    const rows = Array.from({ length: this.terminal.rows }, (_, row) => this.runs(active.baseY + row));
    return { from: this.length, rows, cursor: { row: active.cursorY, column: active.cursorX } };
  }

  /** The runs of a row; what is between two words that are far apart is left out. */
  private runs(row: number): Run[] {
    const line = this.terminal.buffer.active.getLine(row);
    const runs: { column: number; columns: number; text: string; look: string }[] = [];
    for (let column = 0; column < this.terminal.cols; column++) {
      const cell = line?.getCell(column);
      const text = cell?.getChars() ?? "";
      if (cell === undefined || cell.getWidth() === 0 || text.trim() === "") continue;
      const look = [
        ...(cell.isFgPalette() ? [`c${cell.getFgColor()}`] : []),
        ...(cell.isBold() === 0 ? [] : ["bold"]),
        ...(cell.isDim() === 0 ? [] : ["dim"]),
      ].join(" ");
      const last = runs.at(-1);
      const gap = last === undefined ? Infinity : column - last.column - last.columns;
      if (last?.look === look && gap <= 1) {
        last.text += " ".repeat(gap) + text;
        last.columns += gap + cell.getWidth();
      } else runs.push({ column, columns: cell.getWidth(), text, look });
    }
    return runs;
  }
}
