import type { Maybe } from "../../core/broker.ts";
import type { Hub } from "../../core/hub.ts";
import type { Message } from "../../core/message.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { Peer } from "../guard/live-peers.ts";
import type { Client } from "../limits/client.ts";
import type { Logger } from "../log.ts";
import type { Stalls } from "./stalls.ts";

/** Messages that are read from history at a time: at most 65 kB of JSON, or 135 kB of envelopes. */
const PIECE = 16;

/** Size of a write, in UTF-16 code units of JSON: at most 48 kB and a message. Readers who fall behind hold no more. */
const WRITE = 16 * 1024;

/** Pieces sent before others get a turn: at most 400 kB. */
const SLICE = 4;

const encoder = new TextEncoder();

/** What a page needs from its server. */
export interface PageContext {
  readonly hub: Hub;
  readonly client: Client;
  readonly stalls: Stalls;
  readonly log: Logger;
  /** The other end of the connection; undefined if it is not known. */
  readonly peer: Peer | undefined;
}

/**
 * A large page of history on its way to its reader, as a JSON array in pieces. The first ones come from the page. The others are
 * read from history when their turn comes, so that a reader holds one piece instead of the page. If messages of the page are evicted
 * or their stream is deleted before their turn comes, the array ends before them: a client that continues after its last message
 * gets a gap.
 */
export class PageStream implements Bun.DirectUnderlyingSource {
  readonly type = "direct";
  private sink: ReadableStreamDirectController | undefined = undefined;
  /** Undefined after the first pieces. */
  private messages: readonly Message[] | undefined;
  private sent = 0;
  private last: Cursor = 0;

  private readonly stream: string;
  private readonly length: number;
  private readonly isAscending: boolean;
  private readonly newest: Cursor;
  private readonly context: PageContext;
  private isCounted = true;

  /** The connection is counted already. `messages` are at least two, in the order of the page. */
  constructor(stream: string, messages: readonly Message[], context: PageContext) {
    this.stream = stream;
    this.messages = messages;
    this.length = messages.length;
    const [first = 0, last = 0] = [messages[0]?.created, messages.at(-1)?.created];
    this.isAscending = first < last;
    this.newest = Math.max(first, last);
    this.context = context;
  }

  /** Called once, when the runtime is ready to send. The response stays open after it returns. */
  pull(sink: ReadableStreamDirectController): void {
    this.sink = sink;
    this.resume();
  }

  /** Called when the client disconnects. */
  cancel(): void {
    this.sink = undefined;
    this.messages = undefined;
    this.context.stalls.leave(this);
    if (this.isCounted) this.context.client.closeConnection(this.context.peer);
    this.isCounted = false;
  }

  close(): void {
    this.end();
  }

  abort(): void {
    this.context.hub.counters.stalled++;
    this.end(new Error("stalled"));
  }

  /** Sends as much as the reader can take, in slices, so that others get a turn. */
  resume(): void {
    try {
      for (let pieces = 0; this.sink !== undefined; pieces++) {
        if (pieces === SLICE) {
          // The page would be held while it waits.
          this.messages = undefined;
          this.context.stalls.work.run(() => this.resume());
          return;
        }
        const piece = this.nextPiece();
        if (piece instanceof Promise) {
          piece.then(
            (late) => this.send(late) && this.resume(),
            (error: unknown) => this.fail(error),
          );
          return;
        }
        if (!this.send(piece)) return;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sends the first of these messages; none end the page. Returns whether the reader can take more. */
  private send(piece: readonly Message[]): boolean {
    const { sink } = this;
    if (sink === undefined) return false;
    let json = "";
    for (const message of piece) {
      if (json.length >= WRITE) break;
      json += (this.sent === 0 ? "[" : ",") + message.json;
      this.last = message.created;
      this.sent++;
    }
    const isOver = piece.length === 0 || this.sent === this.length;
    if (isOver) json += "]";
    if (isOver) {
      void sink.write(encoder.encode(json));
      this.close();
      return false;
    }
    if (this.context.stalls.write(sink, encoder.encode(json), this)) return true;
    this.messages = undefined;
    if (this.context.peer !== undefined) this.context.stalls.watch(this, this.context.peer);
    return false;
  }

  private nextPiece(): Maybe<readonly Message[]> {
    const { context, stream, last, messages } = this;
    const limit = Math.min(PIECE, this.length - this.sent);
    if (messages !== undefined) return messages.slice(this.sent, this.sent + limit);
    if (!this.isAscending) {
      const page = context.hub.page(stream, { kind: "before", cursor: last, limit });
      return page instanceof Promise ? page.then((late) => late.messages) : page.messages;
    }
    const replay = context.hub.replay(stream, last, limit);
    return replay instanceof Promise ? replay.then((late) => this.withoutGap(late)) : this.withoutGap(replay);
  }

  /** Returns the messages of the page at the beginning of a replay: none after a gap. */
  private withoutGap({ gap, messages }: { readonly gap?: unknown; readonly messages: readonly Message[] }) {
    return gap === undefined ? messages.filter(({ created }) => created <= this.newest) : [];
  }

  private fail(error: unknown): void {
    this.context.log.error("a page", error);
    this.end(new Error("failed"));
  }

  private end(error?: Error): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.cancel();
    sink.close(error);
  }
}
