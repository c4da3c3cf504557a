import { Problem } from "../../protocol/problem.ts";

/** Counts what is open on a server, of all clients together. */
export class Quota {
  readonly limit: number;
  /** Completes "Too many … on this server". */
  readonly what: string;
  private open = 0;

  constructor(what: string, limit: number) {
    this.what = what;
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.open >= this.limit;
  }

  /**
   * Takes one for a client that has `held`. A client may hold as many as are still free (dynamic thresholds, Choudhury and Hahne
   * 1998): one of n that take what they can gets 1/(n + 1), and there is room for newcomers.
   * @throws Problem `too_busy`
   */
  share(held: number): void {
    if (held >= this.limit - this.open) throw this.problem();
    this.open++;
  }

  /** Takes one, no matter how many its holder has. @throws Problem `too_busy` */
  take(): void {
    if (this.isFull) throw this.problem();
    this.open++;
  }

  release(): void {
    this.open--;
  }

  private problem(): Problem {
    return new Problem("too_busy", `Too many ${this.what} on this server; the limit is ${this.limit}`);
  }
}
