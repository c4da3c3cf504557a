import { ndjsonFrame, sseFrame, textFrame, type Entry } from "../protocol/frames.ts";

/** The layout of entries in a live HTTP response. */
export type Format = keyof typeof FRAMES;

const FRAMES = { sse: sseFrame, ndjson: ndjsonFrame, text: textFrame };

const encoder = new TextEncoder();

/** The contents of one write: everything published to a stream in one turn of the event loop, encoded once per format. */
export class Batch {
  /** How many of its entries are messages; the others are events. */
  readonly messages: number;
  private joined: string | undefined = undefined;
  private readonly encoded: Partial<Record<Format, Uint8Array>> = {};

  readonly entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.messages = entries.reduce((sum, { created }) => (created > 0 ? sum + 1 : sum), 0);
  }

  /** The JSON of all entries, one per line, without a final newline. */
  get lines(): string {
    return (this.joined ??= this.entries.map(({ json }) => json).join("\n"));
  }

  bytes(format: Format): Uint8Array {
    return (this.encoded[format] ??= encoder.encode(this.entries.map(FRAMES[format]).join("")));
  }
}
