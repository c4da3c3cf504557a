import type { Cursor } from "../protocol/cursor.ts";
import { ndjsonFrame, sseFrame, textFrame, type Entry } from "../protocol/frames.ts";

/** How bytes are laid out for a reader. WebSocket frames are laid out by the runtime, from `entries`. */
export type Format = keyof typeof FRAMES;

const FRAMES = { sse: sseFrame, ndjson: ndjsonFrame, text: textFrame };

const encoder = new TextEncoder();

/** What one write carries: all that came for a stream in one turn of the event loop. Encoded once for each format, for all readers. */
export class Batch {
  /** The cursor of a reader who has this batch; 0 where it has no message. */
  readonly newest: Cursor;
  private joined: string | undefined = undefined;
  private readonly encoded: Partial<Record<Format, Uint8Array>> = {};

  readonly entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.newest = entries.findLast((entry) => entry.created > 0)?.created ?? 0;
  }

  /** The JSON of all, a line each, without a newline at the end. */
  get lines(): string {
    return (this.joined ??= this.entries.map(({ json }) => json).join("\n"));
  }

  bytes(format: Format): Uint8Array {
    return (this.encoded[format] ??= encoder.encode(this.entries.map(FRAMES[format]).join("")));
  }
}
