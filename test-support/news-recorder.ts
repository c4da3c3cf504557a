import type { Broker, BrokerListener } from "../src/core/broker.ts";
import type { Message } from "../src/core/message.ts";
import { openFeed, type FeedListener, type StreamFeed } from "../src/core/stream-feed.ts";
import { TailBudget } from "../src/core/tail.ts";
import type { Cursor } from "../src/protocol/cursor.ts";
import type { EndReason } from "../src/protocol/message.ts";

/** Records what the feeds of streams report, a line each. Tests can wait for a line. */
export class NewsRecorder implements BrokerListener {
  private readonly feeds = new Map<string, StreamFeed>();
  private lines: string[] = [];
  private waiting: { readonly pattern: RegExp | string; readonly resolve: (line: string) => void }[] = [];
  messages: Message[] = [];
  private readonly broker: Broker;
  private readonly settle: () => Promise<void>;

  constructor(broker: Broker, settle = () => Promise.resolve()) {
    this.broker = broker;
    this.settle = settle;
    broker.listen(this);
  }

  /** Subscribes to a stream, which starts its news. */
  async follow(stream: string): Promise<void> {
    if (this.feeds.has(stream)) return;
    const listener: FeedListener = {
      deliver: (message) => {
        this.messages.push(message);
        this.record(`published ${message.stream} ${message.text}`);
      },
      missed: ({ from, to }) => this.record(`missed ${stream} ${from} ${to}`),
    };
    const feed = openFeed(this.broker, stream, listener, new TailBudget(1024 ** 3));
    this.feeds.set(stream, feed);
    await feed.position();
  }

  published(message: Message, previous?: Cursor): void {
    this.feeds.get(message.stream)?.published(message, previous);
  }

  resumed(stream: string, position: Cursor): void {
    this.feeds.get(stream)?.resumed(position);
  }

  created(stream: string, ttl: number): void {
    this.record(`created ${stream} ${ttl}`);
  }

  expiring(stream: string, seconds: number): void {
    this.record(`expiring ${stream} ${seconds}`);
  }

  ended(stream: string, reason: EndReason): void {
    this.record(`ended ${stream} ${reason}`);
  }

  /** Returns the line that matches, now or later. */
  async until(pattern: RegExp | string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const found = this.lines.findLast((line) => matches(line, pattern));
    if (found === undefined) this.waiting.push({ pattern, resolve });
    else resolve(found);
    return promise;
  }

  /** Resolves when everything that happened so far has been reported. */
  async settled(): Promise<void> {
    await this.settle();
    for (const feed of this.feeds.values()) feed.onTimer();
    await this.settle();
  }

  /** Returns the lines about one stream. */
  of(stream: string): string[] {
    return this.lines.filter((line) => line.split(" ")[1] === stream);
  }

  forget(): void {
    this.lines = [];
    this.messages = [];
  }

  private record(line: string): void {
    this.lines.push(line);
    const matched = this.waiting.filter(({ pattern }) => matches(line, pattern));
    this.waiting = this.waiting.filter((waiter) => !matched.includes(waiter));
    for (const { resolve } of matched) resolve(line);
  }
}

function matches(line: string, pattern: RegExp | string): boolean {
  return typeof pattern === "string" ? line === pattern : pattern.test(line);
}
