import { signal } from "@preact/signals";
import { MaltenError, type ClientStream } from "../../src/client/index.ts";
import type { PendingMessage, PendingState } from "./entry.ts";

/**
 * Messages being sent: shown immediately, until they are accepted or discarded. The SDK sends them in order, waits for the
 * connection, and as long as the server asks to.
 */
export class OutgoingMessages {
  readonly pending = signal<readonly PendingMessage[]>([]);
  private readonly stream: Pick<ClientStream, "send">;
  private readonly signal: AbortSignal;
  private readonly markOwn: (id: string) => boolean;
  private readonly attempts = new Map<string, AbortController>();
  private count = 0;

  /** `markOwn` shows a message in the log as the user's own; it returns false if the message is not in the log. */
  constructor(stream: Pick<ClientStream, "send">, abort: AbortSignal, markOwn: (id: string) => boolean) {
    this.stream = stream;
    this.signal = abort;
    this.markOwn = markOwn;
  }

  /** The texts of messages not confirmed as sent. */
  get unsent(): readonly string[] {
    return this.pending
      .peek()
      .filter(({ state }) => state.kind !== "sent")
      .map(({ text }) => text);
  }

  /** `name` is the user's; empty for none. */
  send(text: string, name: string): void {
    this.count++;
    const message: PendingMessage = {
      kind: "pending",
      key: `sent-${this.count}`,
      text,
      name: name === "" ? undefined : name,
      time: new Date(),
      state: { kind: "sending" },
    };
    this.pending.value = [...this.pending.peek(), message];
    void this.attempt(message);
  }

  /** Sends a failed message again. */
  retry(key: string): void {
    const found = this.pending.peek().find((one) => one.key === key);
    if (found === undefined || found.state.kind !== "failed") return;
    this.update(key, { kind: "sending" });
    void this.attempt(found);
  }

  /** Removes a message and returns its text. One that was not sent yet is not sent any more. */
  discard(key: string): string | undefined {
    this.attempts.get(key)?.abort();
    const found = this.pending.peek().find((one) => one.key === key);
    this.pending.value = this.pending.peek().filter((one) => one.key !== key);
    return found?.text;
  }

  /** Removes the pending message with this id, if any, and returns its key. */
  take(id: string): string | undefined {
    const found = this.pending.peek().find(({ state }) => state.kind === "sent" && state.id === id);
    if (found !== undefined) this.discard(found.key);
    return found?.key;
  }

  /** Removes the accepted messages that are already in the log; with `all`, also those lost in a gap. */
  removeAccepted(all: boolean): void {
    this.pending.value = this.pending
      .peek()
      .filter(({ state }) => state.kind !== "sent" || !(this.markOwn(state.id) || all));
  }

  private async attempt({ key, text, name }: PendingMessage): Promise<void> {
    const discarded = new AbortController();
    this.attempts.set(key, discarded);
    try {
      const { id } = await this.stream.send(text, {
        signal: AbortSignal.any([this.signal, discarded.signal]),
        timeout: Infinity,
        ...(name !== undefined && { name }),
      });
      if (this.markOwn(id)) this.discard(key);
      else this.update(key, { kind: "sent", id });
    } catch (error) {
      const code = error instanceof MaltenError ? error.code : "internal";
      const reason = error instanceof Error ? error.message : String(error);
      if (code !== "aborted") this.update(key, { kind: "failed", code, reason });
    } finally {
      this.attempts.delete(key);
    }
  }

  private update(key: string, state: PendingState): void {
    this.pending.value = this.pending.peek().map((one) => (one.key === key ? { ...one, state } : one));
  }
}
