import { signal } from "@preact/signals";
import { MaltenError, type Stream } from "../../src/client/index.ts";
import type { Pending, PendingState } from "./entry.ts";

/** What may be tried again without a word of the sender: nothing was published, and the message is not at fault. */
const PASSING: ReadonlySet<string> = new Set([
  "unreachable",
  "timeout",
  "memory_full",
  "shutting_down",
  "rate_limited",
]);

/** How long until such a message is sent again, in milliseconds. */
const RETRY = 5000;

/** Messages on their way: shown at once, and sent again until they are taken or given up. */
export class Outbox {
  readonly pending = signal<readonly Pending[]>([]);
  private readonly stream: Stream;
  private readonly signal: AbortSignal;
  private readonly isShown: (id: string) => boolean;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private count = 0;

  /** `isShown` says whether the message of this id is in the log. */
  constructor(stream: Stream, abort: AbortSignal, isShown: (id: string) => boolean) {
    this.stream = stream;
    this.signal = abort;
    this.isShown = isShown;
    abort.addEventListener("abort", () => {
      for (const timer of this.timers.values()) clearTimeout(timer);
    });
  }

  /** The texts that the server is not known to have. */
  get unsent(): readonly string[] {
    return this.pending
      .peek()
      .filter(({ state }) => state.kind !== "sent")
      .map(({ text }) => text);
  }

  send(text: string): void {
    this.count++;
    const key = `sent-${this.count}`;
    this.pending.value = [...this.pending.peek(), { kind: "pending", key, text, state: { kind: "sending" } }];
    void this.attempt(key, text);
  }

  /** Sends what failed once more, now. */
  retry(key: string): void {
    const found = this.pending.peek().find((one) => one.key === key);
    if (found === undefined || found.state.kind !== "failed") return;
    clearTimeout(this.timers.get(key));
    this.update(key, { kind: "sending" });
    void this.attempt(key, found.text);
  }

  /** Takes it out; answers its text. */
  discard(key: string): string | undefined {
    clearTimeout(this.timers.get(key));
    const found = this.pending.peek().find((one) => one.key === key);
    this.pending.value = this.pending.peek().filter((one) => one.key !== key);
    return found?.text;
  }

  /** A message came: answers the key of the one that it confirms, which is no longer pending. */
  claim(id: string, text: string): string | undefined {
    const pending = this.pending.peek();
    const found =
      pending.find(({ state }) => state.kind === "sent" && state.id === id) ??
      // The echo may be faster than the answer.
      pending.find((one) => one.text === text && one.state.kind === "sending");
    if (found !== undefined) this.discard(found.key);
    return found?.key;
  }

  /** Lets go of what was taken and will not come: its place in the log is gone, or shown already. */
  settle(all: boolean): void {
    const isSettled = ({ state }: Pending): boolean =>
      state.kind === "sent" && (all || this.isShown(state.id));
    this.pending.value = this.pending.peek().filter((one) => !isSettled(one));
  }

  private async attempt(key: string, text: string): Promise<void> {
    try {
      const { id } = await this.stream.send(text, { signal: this.signal });
      if (this.isShown(id)) this.discard(key);
      else this.update(key, { kind: "sent", id });
    } catch (error) {
      if (this.signal.aborted) return;
      this.fail(key, error);
    }
  }

  private fail(key: string, error: unknown): void {
    const code = error instanceof MaltenError ? error.code : "internal";
    const reason = error instanceof Error ? error.message : String(error);
    if (!PASSING.has(code)) {
      this.update(key, { kind: "failed", code, reason });
      return;
    }
    this.update(key, { kind: "failed", code, reason, retryAt: Date.now() + RETRY });
    this.timers.set(
      key,
      setTimeout(() => this.retry(key), RETRY),
    );
  }

  private update(key: string, state: PendingState): void {
    this.pending.value = this.pending.peek().map((one) => (one.key === key ? { ...one, state } : one));
  }
}
