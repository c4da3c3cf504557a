import { Problem } from "../../protocol/problem.ts";
import type { Batch } from "../../core/batch.ts";
import type { Hub } from "../../core/hub.ts";
import { Subscriber } from "../../core/subscriber.ts";
import type { Peer } from "../guard/live-peers.ts";
import type { Client } from "../limits/client.ts";
import type { Leaver } from "../shutdown.ts";

/** What a long poll waits for. */
export interface PollRequest {
  readonly stream: string;
  /** Whether new messages may answer the poll. Others cost no read: a thousand polls may wait for a message that never comes. */
  readonly mayAnswer: (batch: Batch) => boolean;
  /** Longest wait, in seconds. */
  readonly wait: number;
  /** Pays for the poll while it waits. */
  readonly client: Client;
  /** The other end of its connection, if it is known. */
  readonly peer?: Peer | undefined;
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
   * @throws Problem `too_many_connections`, `too_many_subscriptions`, `too_busy`
   */
  async waitForMessage(hub: Hub, request: PollRequest, read: () => Promise<boolean>): Promise<void> {
    const { stream, mayAnswer, wait, client, peer, signal } = request;
    client.openListener(peer);
    const poll = new PollSubscriber(mayAnswer);
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
      client.closeListener(peer);
      this.waiting.delete(poll);
      signal.removeEventListener("abort", close);
      clearTimeout(timer);
    }
  }

  /** The polls that a shutdown ends. */
  leavers(): readonly Leaver[] {
    return Array.from(this.waiting);
  }
}

/** Wakes up for each batch that may answer a poll. */
class PollSubscriber extends Subscriber implements Leaver {
  private hasNews = false;
  private closed = false;
  private failure: Error | undefined = undefined;
  private wake: () => void = () => {};
  private readonly mayAnswer: (batch: Batch) => boolean;

  constructor(mayAnswer: (batch: Batch) => boolean) {
    super();
    this.mayAnswer = mayAnswer;
  }

  /**
   * Resolves to true once subscribed and for each later batch, and to false when the wait is over and nothing came before its end.
   * @throws if the broker failed
   */
  async next(): Promise<boolean> {
    if (!this.hasNews && !this.closed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure !== undefined) throw this.failure;
    const { hasNews } = this;
    this.hasNews = false;
    return hasNews;
  }

  /** A message may have arrived between the first read and the subscription. */
  override welcome(): boolean {
    this.notify();
    return true;
  }

  override write(batch: Batch): boolean {
    if (this.mayAnswer(batch)) this.notify();
    return true;
  }

  override failed(error: unknown): void {
    this.failure = error instanceof Problem ? error : new Error("the subscription failed", { cause: error });
    this.close();
  }

  /** Its answer is read from history. */
  get isBehind(): boolean {
    return false;
  }

  leave(): void {
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
