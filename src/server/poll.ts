import type { Batch } from "../core/batch.ts";
import type { Hub } from "../core/hub.ts";
import { Subscriber } from "../core/subscriber.ts";

/** Readers who wait for one message (long poll). */
export class Polls {
  private readonly waiting = new Set<PollSubscriber>();

  /** Resolves when a message comes to the stream, after `wait` seconds, or when the client or the server gives up. */
  async next(hub: Hub, stream: string, wait: number, signal: AbortSignal): Promise<void> {
    const poll = new PollSubscriber();
    const timer = setTimeout(() => poll.close(), wait * 1000);
    const abort = () => poll.close();
    signal.addEventListener("abort", abort);
    this.waiting.add(poll);
    hub.subscribe(stream, poll);
    await poll.done;
    poll.leave();
    this.waiting.delete(poll);
    signal.removeEventListener("abort", abort);
    clearTimeout(timer);
  }

  /** The server shuts down. */
  close(): void {
    for (const poll of this.waiting) poll.close();
  }
}

class PollSubscriber extends Subscriber {
  private readonly settled = Promise.withResolvers<void>();
  readonly done = this.settled.promise;

  override write(batch: Batch): boolean {
    if (batch.newest > 0) this.settled.resolve();
    return true;
  }

  override close(): void {
    this.settled.resolve();
  }
}
