import type { Cursor } from "../protocol/cursor.ts";
import type { EndReason } from "../protocol/message.ts";
import type { PageQuery } from "../protocol/query.ts";
import type { CheckedText } from "../protocol/text.ts";
import type { Message } from "./message.ts";
import type { Page } from "./page.ts";

/** A broker in this process answers at once; one across a network later. The hot path must not pay for a promise it does not need. */
export type Maybe<T> = T | Promise<T>;

/** A new stream, as its creator wants it. */
export interface StreamRequest {
  /** Undefined: a random name, unguessable if private. */
  readonly name: string | undefined;
  readonly private: boolean;
  /** Idle lifetime in seconds; undefined is the server's default. */
  readonly ttl: number | undefined;
}

export interface CreatedStream {
  readonly name: string;
  readonly private: boolean;
  /** Idle lifetime in seconds. */
  readonly ttl: number;
  /** The token that ends the stream. */
  readonly owner: string;
}

/** A public stream, as listed. */
export interface StreamInfo {
  readonly name: string;
  readonly id: string;
  readonly updated: Cursor;
  /** Idle lifetime in seconds. */
  readonly ttl: number;
}

/** What a live reader is to be given next. */
export interface Catchup {
  /** What lies between, exclusively, is gone. */
  readonly gap: { readonly from: Cursor; readonly to: Cursor } | undefined;
  readonly messages: readonly Message[];
}

/** Is told what happens to streams, in the order in which it happens. */
export interface BrokerListener {
  published(message: Message): void;
  /** The stream dies in so many seconds unless a message comes. */
  expiring(stream: string, seconds: number): void;
  ended(stream: string, reason: EndReason): void;
}

/**
 * Keeps streams and passes on what happens to them: appending and fanning out are one step, so that a reader who resumes
 * from history has no gap to fear. Every implementation passes `test-support/broker.suite.ts`; `brokers/memory/broker.ts` is the reference.
 */
export interface Broker {
  /**
   * Tells the ids that are given out here from those of others. A client that is told the same again knows that its refs are
   * remembered: a broker that has forgotten them, as after a restart, has another.
   */
  readonly origin: string;
  /** Who is told of each message on this server. There is one: the hub. */
  listen(listener: BrokerListener): void;
  /** @throws Problem `stream_exists`, `memory_full` */
  create(request: StreamRequest): Maybe<CreatedStream>;
  /**
   * Appends to a stream, which is born if it does not exist, and tells the listener. A `ref` is remembered with its stream,
   * for 2 minutes or until 65,536 newer ones came: a message that comes again with it is answered like the first time, and
   * not published. Servers that share a broker share what it remembers: a client may come back to another of them.
   * @throws Problem `memory_full`; `ref_reused` where the ref came with another text
   */
  publish(stream: string, text: CheckedText, ref?: string): Maybe<Message>;
  /** A page of history; empty for a stream that does not exist. */
  page(stream: string, query: PageQuery): Maybe<Page>;
  /**
   * The first `limit` messages after `cursor` and what is missing before them. None of which the listener was not told
   * before: history does not run ahead of the news.
   */
  catchUp(stream: string, cursor: Cursor, limit: number): Maybe<Catchup>;
  /** The public streams whose name begins with `prefix`, newest message first. */
  list(limit: number, prefix: string): Maybe<StreamInfo[]>;
  /** Ends a stream. @throws Problem `not_found`, `token_wrong` */
  end(stream: string, owner: string): Maybe<void>;
  /** Does what time asks for: called about once a second. */
  advance(): void;
}
