import type { Batch } from "../../core/batch.ts";
import type { Hub } from "../../core/hub.ts";
import { Subscriber } from "../../core/subscriber.ts";

/** Readers who wait for one message (long poll). */
export class Polls {
  private readonly waiting = new Set<PollSubscriber>();

  /**
   * Calls `read` now and whenever something comes to the stream, until it answers true or `wait` seconds are over, or
   * the client or the server gives up.
   */
  async until(
    read: () => Promise<boolean>,
    hub: Hub,
    stream: string,
    wait: number,
    signal: AbortSignal,
  ): Promise<void> {
    const poll = new PollSubscriber();
    const close = () => poll.close();
    const timer = setTimeout(close, wait * 1000);
    signal.addEventListener("abort", close);
    this.waiting.add(poll);
    hub.subscribe(stream, poll);
    if (signal.aborted) close();
    try {
      while (!(await read()) && (await poll.next()));
    } finally {
      poll.leave();
      this.waiting.delete(poll);
      signal.removeEventListener("abort", close);
      clearTimeout(timer);
    }
  }

  /** The server shuts down. */
  close(): void {
    for (const poll of this.waiting) poll.close();
  }
}

/** A listener to one piece of news at a time. */
class PollSubscriber extends Subscriber {
  private news = false;
  private closed = false;
  private wake: () => void = () => {};

  /** Resolves to true when a message came, to false when there is no point in waiting any longer. */
  async next(): Promise<boolean> {
    if (!this.news && !this.closed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.news = false;
    return !this.closed;
  }

  override write(batch: Batch): boolean {
    if (batch.newest > 0) {
      this.news = true;
      this.wake();
    }
    return true;
  }

  override close(): void {
    this.closed = true;
    this.wake();
  }
}
