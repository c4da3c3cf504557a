/** Sends a message; resolves when the server has accepted it. */
type Send = (text: string) => Promise<unknown>;

/** Own messages on their way. They are shown until they are in the stream, where everybody sees them. */
export class Outbox {
  private readonly send: Send;
  private readonly changed: () => void;
  private readonly failed: (text: string, error: unknown) => void;
  private readonly unconfirmed = new Set<{ readonly text: string }>();
  private onEmpty = () => {};

  constructor(send: Send, changed: () => void, failed: (text: string, error: unknown) => void) {
    this.send = send;
    this.changed = changed;
    this.failed = failed;
  }

  get texts(): string[] {
    return [...this.unconfirmed].map(({ text }) => text);
  }

  add(text: string): void {
    const entry = { text };
    this.unconfirmed.add(entry);
    this.changed();
    this.send(text)
      .catch((error: unknown) => this.failed(text, error))
      .finally(() => {
        this.unconfirmed.delete(entry);
        this.changed();
        if (this.unconfirmed.size === 0) this.onEmpty();
      });
  }

  /** Resolves when no message is on its way. */
  async empty(): Promise<void> {
    if (this.unconfirmed.size === 0) return;
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
  }
}
