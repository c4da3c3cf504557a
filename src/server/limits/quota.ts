import { Problem } from "../../protocol/problem.ts";

/** Counts what is open on a server, of all clients together. */
export class Quota {
  readonly limit: number;
  /** Completes "Too many … on this server". */
  readonly what: string;
  open = 0;
  /** What is open in other processes of the same server. */
  elsewhere = 0;
  /** Called when what is open changes. */
  onChange: () => void = () => {};

  constructor(what: string, limit: number) {
    this.what = what;
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.open + this.elsewhere >= this.limit;
  }

  /**
   * Takes one for a client that has `held`. A client may hold as many as are still free (dynamic thresholds, Choudhury and Hahne
   * 1998): one of n that take what they can gets 1/(n + 1), and there is room for newcomers.
   * @throws Problem `too_busy`
   */
  share(held: number): void {
    if (held >= this.limit - this.open - this.elsewhere) throw this.problem();
    this.open++;
    this.onChange();
  }

  /** Takes one, no matter how many its holder has. @throws Problem `too_busy` */
  take(): void {
    if (this.isFull) throw this.problem();
    this.open++;
    this.onChange();
  }

  release(): void {
    this.open--;
    this.onChange();
  }

  private problem(): Problem {
    return new Problem("too_busy", `Too many ${this.what} on this server; the limit is ${this.limit}`);
  }
}
