import type { Cursor } from "../protocol/cursor.ts";
import type { EndReason } from "../protocol/message.ts";
import type { WirePerson, WirePresence } from "../protocol/presence.ts";
import type { PageQuery } from "../protocol/query.ts";
import type { CheckedMessage } from "../protocol/checked-message.ts";
import type { Message } from "./message.ts";
import type { Page } from "./page.ts";

/**
 * The result of an operation on the hot path. A broker in this process returns it synchronously, so publishing, reading and
 * subscribing cost no promise; a remote broker returns a promise.
 */
export type Maybe<T> = T | Promise<T>;

/** The client that is charged for what a broker keeps. */
export interface Payer {
  /** Identifies the payer, even after its object was created again. Brokers copy it if they keep it. */
  readonly key: string;
  /** For the broker alone, which remembers here where it has the payer's account. */
  account?: unknown;
  /** Called before a stream is created, by a first message or by {@link Broker.create}. @throws Problem if the payer may not create one now */
  admitStream(): void;
}

/** A stream to be created. */
export interface StreamRequest {
  /** Undefined: a random name, unguessable if private. */
  readonly name: string | undefined;
  readonly private: boolean;
  /** Idle time-to-live in seconds; undefined: the server's default. */
  readonly ttl: number | undefined;
  /** Undefined: without limit. */
  readonly payer?: Payer | undefined;
}

export interface CreatedStream {
  readonly name: string;
  readonly private: boolean;
  /** Idle time-to-live in seconds. */
  readonly ttl: number;
  /** The token that authorizes deleting the stream. Undefined if it is sealed: then its name says who may. */
  readonly owner: string | undefined;
}

/** A public stream in a listing. */
export interface StreamInfo {
  readonly name: string;
  readonly id: string;
  readonly updated: Cursor;
  /** Idle time-to-live in seconds. */
  readonly ttl: number;
  /** Number of listeners; absent: those of this process are all that are counted. */
  readonly observers?: number;
}

/** Messages after `from` and before `to` are missing. */
export interface Gap {
  readonly from: Cursor;
  readonly to: Cursor;
}

/** The messages after a cursor. */
export interface Replay {
  /** Missing before the first message: evicted, expired, or numbered by another server. */
  readonly gap: Gap | undefined;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /**
   * The cursor to continue from: the stream has no other message up to here. If the replay is complete, not earlier than any
   * position that was reported before.
   */
  readonly cursor: Cursor;
}

/** The current position of a stream. */
export interface Position {
  /** Not earlier than any message of the stream so far, and earlier than every later one. */
  readonly cursor: Cursor;
  /** Idle time-to-live in seconds: the stream's, or the default while it does not exist. */
  readonly ttl: number;
  /** Milliseconds until the stream expires unless a message arrives; undefined while it does not exist. */
  readonly left: number | undefined;
  /** Number of messages kept. */
  readonly count: number;
}

/** Receives the news of a broker: of the streams that this process subscribed to, or of all streams. */
export interface BrokerListener {
  /**
   * A message was published. Messages of one stream arrive in order of `created`; different streams in any order.
   * `previous` is the message before it, also if that belonged to a deleted stream of the same name. If it is later than the
   * newest received, some were lost. Undefined promises that none was lost since the last news or `resumed`.
   */
  published(message: Message, previous?: Cursor): void;
  /**
   * News of a stream was interrupted and continues after `position`. Messages up to there, and the end of the stream, may
   * not have been reported. Comes before any later message without `previous`.
   */
  resumed(stream: string, position: Cursor): void;
  /** The stream was created by {@link Broker.create}. Idle time-to-live in seconds. */
  created(stream: string, ttl: number): void;
  /** The stream expires in this many seconds unless a message arrives. */
  expiring(stream: string, seconds: number): void;
  /** The stream was deleted. Reported once, by the one authority that decides when it expires. */
  ended(stream: string, reason: EndReason): void;
}

/** The listeners of streams, when several processes serve them as one server. It counts them and announces changes. */
export interface Audience {
  /** Sets what receives events about listeners, as JSON, for the listeners of this process. */
  listen(onEvent: (stream: string, json: string) => void): void;
  /** Sets the person shown for a listener in this process; undefined removes it. Takes effect with {@link announce}. */
  setPerson(stream: string, listener: object, person?: WirePerson): void;
  /**
   * Reports the number of listeners in this process, and asks for an event about what changed, now or soon. A stream that is not
   * subscribed any more has none.
   */
  announce(stream: string, count: number): void;
  /** Returns the presence list of all processes. */
  presence(stream: string): Promise<WirePresence>;
}

/**
 * Stores streams and reports what happens to them. One port covers appending and reporting: with a store beside a
 * bus, recovery has gaps.
 *
 * News may lag, repeat, or stop for a while (then {@link BrokerListener.resumed} follows); history never lags: it contains
 * every message that was acknowledged or reported. {@link StreamFeed} makes one ordered sequence of the two.
 * `test-support/broker.suite.ts` runs against every implementation; the memory broker is the reference.
 */
export interface Broker {
  /**
   * The name of the server that numbers messages and remembers refs. A server that has forgotten them, for example after a restart,
   * has another name. 1–32 letters and digits.
   */
  readonly server: string;
  /** Absent: the listeners of this process are all there are, as far as clients are told. */
  readonly audience?: Audience;
  /** Whether operations on a stream, or on all, can succeed now. Absent: always. */
  isReady?(stream?: string): boolean;
  /** Sets the one listener: the hub. */
  listen(listener: BrokerListener): void;
  /**
   * Starts reporting news of a stream: every message later than the returned position. The stream need not exist. May be called
   * again for a subscribed stream, for its current position.
   */
  subscribe(stream: string): Maybe<Position>;
  /** Stops reporting news of a stream. */
  unsubscribe(stream: string): void;
  /** @throws Problem `stream_exists`, `memory_full`, what {@link Payer.admitStream} throws */
  create(request: StreamRequest): Promise<CreatedStream>;
  /**
   * Appends a message to a stream, which is created if it does not exist, and reports it. A `ref` is remembered with its stream,
   * for 2 minutes or until 65,536 newer ones came: a message published again with it is answered like the first time and not
   * appended. Servers that share a broker share its refs. Without a `payer` there is no limit per payer.
   * @throws Problem `memory_full`; `ref_reused` if the ref was used with another text or name; what {@link Payer.admitStream} throws if
   * the stream does not exist
   */
  publish(stream: string, message: CheckedMessage, ref?: string, payer?: Payer): Maybe<Message>;
  /** Returns a page of history; empty if the stream does not exist. */
  page(stream: string, query: PageQuery): Maybe<Page>;
  /** Returns the first `limit` messages after `cursor`, and what is missing before them. */
  replay(stream: string, cursor: Cursor, limit: number): Maybe<Replay>;
  /** Returns the public streams whose name begins with `prefix`, newest message first. */
  list(limit: number, prefix: string): Promise<StreamInfo[]>;
  /**
   * Deletes a stream. Without `owner` it must be sealed, and the caller has checked the right to it.
   * @throws Problem `not_found`, `token_wrong`
   */
  end(stream: string, owner?: string): Promise<void>;
  /**
   * Runs periodic work such as expiry, for about a millisecond. Called about once a second, and again soon, after other work, if it
   * returns true: then work is left.
   */
  onTimer(): boolean;
}
