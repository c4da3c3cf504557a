import type { Batch } from "../../core/batch.ts";
import type { Hub } from "../../core/hub.ts";
import { Subscriber } from "../../core/subscriber.ts";
import type { Cursor } from "../../protocol/cursor.ts";

/** What a long poll waits for. */
export interface PollRequest {
  readonly stream: string;
  /** Only messages after this cursor answer the poll. */
  readonly after: Cursor;
  /** Longest wait, in seconds. */
  readonly wait: number;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/** The long polls of a server. */
export class LongPolls {
  private readonly waiting = new Set<PollSubscriber>();

  /** The number of polls that wait. */
  get size(): number {
    return this.waiting.size;
  }

  /**
   * Calls `read` once subscribed and after each new message that may answer the poll, until it returns true, the wait times out,
   * the client disconnects or the server shuts down.
   */
  async waitForMessage(hub: Hub, request: PollRequest, read: () => Promise<boolean>): Promise<void> {
    const { stream, after, wait, signal } = request;
    const poll = new PollSubscriber(after);
    const close = () => poll.close();
    const timer = setTimeout(close, wait * 1000);
    signal.addEventListener("abort", close);
    this.waiting.add(poll);
    try {
      hub.subscribe(stream, poll);
      if (signal.aborted) close();
      while ((await poll.next()) && !(await read()));
    } finally {
      poll.unsubscribe();
      this.waiting.delete(poll);
      signal.removeEventListener("abort", close);
      clearTimeout(timer);
    }
  }

  /** Ends all polls when the server shuts down. */
  close(): void {
    for (const poll of this.waiting) poll.close();
  }
}

/** Wakes up for each batch that may answer a poll. */
class PollSubscriber extends Subscriber {
  private hasNews = false;
  private closed = false;
  private failure: Error | undefined = undefined;
  private wake: () => void = () => {};
  private readonly after: Cursor;

  constructor(after: Cursor) {
    super();
    this.after = after;
  }

  /** Resolves to true once subscribed and for each later batch, and to false when the wait is over. @throws if the broker failed */
  async next(): Promise<boolean> {
    if (!this.hasNews && !this.closed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.hasNews = false;
    if (this.failure !== undefined) throw this.failure;
    return !this.closed;
  }

  /** A message may have arrived between the first read and the subscription. */
  override welcome(): boolean {
    this.notify();
    return true;
  }

  override write(batch: Batch): boolean {
    if (batch.newest > this.after) this.notify();
    return true;
  }

  override failed(error: unknown): void {
    this.failure = new Error("the subscription failed", { cause: error });
    this.close();
  }

  override close(): void {
    this.closed = true;
    this.wake();
  }

  private notify(): void {
    this.hasNews = true;
    this.wake();
  }
}
