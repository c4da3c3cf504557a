import type { Cursor } from "../../protocol/cursor.ts";
import { MAX_MESSAGES } from "../../protocol/limits.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { Arena } from "./arena.ts";
import { MessageLog } from "./log.ts";
import type { LogEntry } from "./segment.ts";
import { UNSCHEDULED, type WheelEntry } from "../../core/timing-wheel.ts";

/** Who may see a stream, how long it lives without a message, and the token that ends it. */
export interface StreamOptions {
  readonly private: boolean;
  /** Seconds. */
  readonly ttl: number;
  /** Undefined: nobody created it by name, so nobody can end it. */
  readonly owner: string | undefined;
}

/** What a live reader resumes with. */
export interface Replay {
  /** Messages between these two are gone, exclusively; undefined where nothing is missing. */
  readonly gap: { readonly from: Cursor; readonly to: Cursor } | undefined;
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
}

/** A bounded FIFO of messages that dies of silence. Knows its deadline; {@link TimingWheel} and the broker see to it. */
export class Stream implements WheelEntry {
  /** Its place in the timing wheel. */
  slot = UNSCHEDULED;
  position = 0;
  /** Its neighbours in the list of streams by last message. */
  newer: Stream | undefined = undefined;
  older: Stream | undefined = undefined;

  /** When the newest message came, or the stream was born. */
  updated: Cursor;
  /** When it dies unless a message comes, on the monotonic clock in milliseconds. */
  deadline: number;

  private readonly log: MessageLog;
  /** What came at or before this moment, and is not in the log, is gone: evicted, or of an earlier life of the name. */
  private gone: Cursor;

  readonly name: string;
  readonly options: StreamOptions;
  readonly born: Cursor;

  /** An earlier life of the name, if there was one, was over by `gone`. */
  constructor(name: string, options: StreamOptions, arena: Arena, born: Cursor, now: number, gone: Cursor) {
    this.log = new MessageLog(arena);
    this.name = name;
    this.options = options;
    this.born = born;
    this.updated = born;
    this.gone = gone;
    this.deadline = now + options.ttl * 1000;
  }

  /** Bytes that its messages take. */
  get size(): number {
    return this.log.size;
  }

  /** Whether there is memory for this text. */
  hasRoom(escaped: string): boolean {
    return this.log.hasRoom(escaped);
  }

  /** Keeps the message and puts death off; the oldest goes where {@link MAX_MESSAGES} are kept. */
  append(created: Cursor, escaped: string, now: number): void {
    if (this.log.length === MAX_MESSAGES) this.gone = this.log.evict();
    this.log.append(created, escaped);
    this.updated = created;
    this.deadline = now + this.options.ttl * 1000;
  }

  /** Gives back what its messages take: it is not to be used any more. */
  release(): void {
    this.log.clear();
  }

  page(query: Exclude<PageQuery, { kind: "one" }>): LogEntry[] {
    const { length } = this.log;
    switch (query.kind) {
      case "newest": {
        const entries = this.log.slice(Math.max(length - query.limit, 0), length);
        return query.order === "newest first" ? entries.toReversed() : entries;
      }
      case "after": {
        const from = this.log.firstAfter(query.cursor);
        return this.log.slice(from, Math.min(from + query.limit, length));
      }
      case "before": {
        // Microseconds: what is not later than one before the cursor is before it.
        const to = this.log.firstAfter(query.cursor - 1);
        return this.log.slice(Math.max(to - query.limit, 0), to).toReversed();
      }
    }
  }

  /** The message created at just this moment, if it is kept. */
  at(created: Cursor): LogEntry | undefined {
    const [entry] = this.page({ kind: "after", cursor: created - 1, limit: 1 });
    return entry?.created === created ? entry : undefined;
  }

  /**
   * The first `limit` messages after `cursor`, and what is missing before them. Cursor 0 asks for what is kept, so nothing
   * is missing. A cursor later than `now` is not from here: all that is kept may be new to who has it, and all before may be missing.
   */
  replay(cursor: Cursor, limit: number, now: Cursor): Replay {
    const foreign = cursor > now;
    const entries = this.page({ kind: "after", cursor: foreign ? 0 : cursor, limit });
    if (cursor === 0 || (cursor >= this.gone && !foreign)) return { gap: undefined, entries };
    return { gap: { from: foreign ? 0 : cursor, to: entries[0]?.created ?? this.gone + 1 }, entries };
  }
}
