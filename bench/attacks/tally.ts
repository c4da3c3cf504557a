import { codeOf, type Answer } from "./answers.ts";

/** Counts what an attack achieved. */
export class Tally {
  /** Requests that succeeded. */
  succeeded = 0;
  /** Connections that are open now and were not refused. */
  private held = 0;
  /** The most connections open at the same time. */
  mostHeld = 0;
  /** Connections opened. */
  opened = 0;
  /** Items counted by the attack itself, such as subscriptions. */
  items = 0;
  private readonly refusals = new Map<string, number>();
  /** Refusals with status 429 or 503 that do not say when to try again. */
  withoutRetryAfter = 0;

  succeed(): void {
    this.succeeded++;
  }

  hold(): void {
    this.opened++;
    this.held++;
    if (this.held > this.mostHeld) this.mostHeld = this.held;
  }

  release(): void {
    this.held--;
  }

  /** @param code the code of the problem, or another reason */
  refuse(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  /** Counts an answer that is a refusal. */
  countRefusal(answer: Answer): void {
    this.refuse(codeOf(answer));
    if ((answer.status === 429 || answer.status === 503) && !answer.retryAfter) this.withoutRetryAfter++;
  }

  refused(): Record<string, number> {
    return Object.fromEntries([...this.refusals].toSorted(([, a], [, b]) => b - a));
  }
}
