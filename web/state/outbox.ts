import { signal } from "@preact/signals";
import { MaltenError, type ClientStream } from "../../src/client/index.ts";
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

/** The messages in the log. */
interface ShownMessages {
  has(id: string): boolean;
  /** Shows a message as one's own: it was delivered before the server's answer. Returns false where it is not shown. */
  markOwn(id: string): boolean;
}

/** Messages on their way: shown at once, and sent again until they are taken or given up. */
export class Outbox {
  readonly pending = signal<readonly Pending[]>([]);
  private readonly stream: ClientStream;
  private readonly signal: AbortSignal;
  private readonly shown: ShownMessages;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private count = 0;

  constructor(stream: ClientStream, abort: AbortSignal, shown: ShownMessages) {
    this.stream = stream;
    this.signal = abort;
    this.shown = shown;
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

  /** Removes the pending message with this id, if any, and returns its key. */
  claim(id: string): string | undefined {
    const found = this.pending.peek().find(({ state }) => state.kind === "sent" && state.id === id);
    if (found !== undefined) this.discard(found.key);
    return found?.key;
  }

  /** Lets go of what was taken and will not come: its place in the log is gone, or shown already. */
  settle(all: boolean): void {
    const isSettled = ({ state }: Pending): boolean =>
      state.kind === "sent" && (all || this.shown.has(state.id));
    this.pending.value = this.pending.peek().filter((one) => !isSettled(one));
  }

  private async attempt(key: string, text: string): Promise<void> {
    try {
      const { id } = await this.stream.send(text, { signal: this.signal });
      if (this.shown.markOwn(id)) this.discard(key);
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
