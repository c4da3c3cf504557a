import { Problem } from "../../protocol/problem.ts";

/** Counts what is open on a server, of all clients together. */
export class Quota {
  readonly limit: number;
  private readonly what: string;
  private open = 0;

  /** `what` completes "Too many … on this server". */
  constructor(what: string, limit: number) {
    this.what = what;
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.open >= this.limit;
  }

  /** @throws Problem `too_busy` */
  take(): void {
    if (this.isFull)
      throw new Problem("too_busy", `Too many ${this.what} on this server; the limit is ${this.limit}`);
    this.open++;
  }

  release(): void {
    this.open--;
  }
}
