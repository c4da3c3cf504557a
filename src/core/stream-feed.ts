import type { Cursor } from "../protocol/cursor.ts";
import type { Broker, Gap, Maybe, Position, Replay } from "./broker.ts";
import type { Message } from "./message.ts";
import { RemoteFeed } from "./remote-feed.ts";
import type { TailBudget } from "./tail.ts";

/** Receives the messages of one stream: in order, without duplicates, and with a gap wherever some are missing. */
export interface FeedListener {
  deliver(message: Message): void;
  /** Live readers missed these messages, which can no longer be read. */
  missed(gap: Gap): void;
}

/** One subscribed stream as this process sees it: the broker's news and its history as one sequence. */
export interface StreamFeed {
  /** Returns the position up to which everything was delivered. Rejects if the broker cannot subscribe. */
  position(): Maybe<Position>;
  /** See {@link BrokerListener.published}. */
  published(message: Message, previous?: Cursor): void;
  /** See {@link BrokerListener.resumed}. */
  resumed(position: Cursor): void;
  /** Called when the stream was deleted: its messages are no longer served. */
  ended(): void;
  /** Returns the first `limit` messages after `cursor`. Delivers those that are newer than the news first. */
  read(cursor: Cursor, limit: number): Maybe<Replay>;
  /** Called about once a second. */
  onTimer(): void;
  /** Unsubscribes. */
  close(): void;
}

/** Subscribes to a stream. A broker that answers synchronously has one order for news and history, so nothing needs to be merged. */
export function openFeed(
  broker: Broker,
  stream: string,
  listener: FeedListener,
  budget: TailBudget,
): StreamFeed {
  const position = subscribe(broker, stream);
  if (position instanceof Promise) return new RemoteFeed(broker, stream, listener, position, budget);
  return new LocalFeed(broker, stream, listener);
}

/** Turns an exception into a rejection, which reaches every reader that waits for the position. */
function subscribe(broker: Broker, stream: string): Maybe<Position> {
  try {
    return broker.subscribe(stream);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error("cannot subscribe", { cause: error }));
  }
}

class LocalFeed implements StreamFeed {
  private readonly broker: Broker;
  private readonly stream: string;
  private readonly listener: FeedListener;

  constructor(broker: Broker, stream: string, listener: FeedListener) {
    this.broker = broker;
    this.stream = stream;
    this.listener = listener;
  }

  position(): Maybe<Position> {
    return this.broker.subscribe(this.stream);
  }

  published(message: Message): void {
    this.listener.deliver(message);
  }

  resumed(): void {}

  ended(): void {}

  read(cursor: Cursor, limit: number): Maybe<Replay> {
    return this.broker.replay(this.stream, cursor, limit);
  }

  onTimer(): void {}

  close(): void {
    this.broker.unsubscribe(this.stream);
  }
}
