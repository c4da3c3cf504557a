import { type Meter, sizeText } from "./meter.ts";
import type { Output } from "./output.ts";
import { join, plain, type Plain } from "./plain.ts";

/** How often the line is updated, in milliseconds. */
const INTERVAL = 500;

/** Bytes that pass in one direction. */
export interface Direction {
  /** `sent` */
  readonly verb: string;
  readonly meter: Meter;
}

/**
 * Shows bytes and rates in the last line of a terminal. Shows nothing elsewhere. Never fails: that standard error is closed is no
 * reason to stop.
 */
export class ProgressLine implements AsyncDisposable {
  private readonly output: Output;
  private readonly directions: readonly Direction[];
  private readonly note: () => string;
  private readonly timer: ReturnType<typeof setInterval> | undefined;
  private isShown = false;

  /** @param note what else to say; "" for nothing */
  constructor(output: Output, isWanted: boolean, directions: readonly Direction[], note: () => string) {
    this.output = output;
    this.directions = directions;
    this.note = note;
    if (isWanted && output.isTerminal) this.timer = setInterval(() => this.update(), INTERVAL);
  }

  /** Writes a line above the progress. */
  async line(text: Plain): Promise<void> {
    await this.erase();
    await this.write(plain`${text}\n`);
  }

  /** Makes room for something else on the same terminal. */
  async erase(): Promise<void> {
    if (!this.isShown) return;
    this.isShown = false;
    await this.write(plain`\r\u001b[K`);
  }

  /** Removes the line, and says how much it was in all. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    await this.erase();
    const text = this.text((meter) => meter.average());
    if (text !== undefined) await this.write(plain`${this.output.dim(text)}\n`);
  }

  private update(): void {
    const text = this.text((meter) => meter.rate());
    if (text === undefined) return;
    const note = this.note();
    const shown = this.output.dim(note === "" ? text : plain`${text}; ${note}`);
    this.isShown = true;
    // CR and EL, ECMA-48 §8.3.15 and §8.3.41.
    void this.write(plain`\r\u001b[K${shown}`);
  }

  private text(rate: (meter: Meter) => number): Plain | undefined {
    const moved = this.directions.filter(({ meter }) => meter.total > 0);
    if (moved.length === 0) return undefined;
    return join(
      moved.map(({ verb, meter }) => plain`${verb} ${sizeText(meter.total)}, ${sizeText(rate(meter))}/s`),
      "; ",
    );
  }

  private async write(text: Plain): Promise<void> {
    await this.output.write(text).catch(() => clearInterval(this.timer));
  }
}
