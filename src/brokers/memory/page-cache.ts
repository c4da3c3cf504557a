import type { Cursor } from "../../protocol/cursor.ts";
import { DEFAULT_PAGE } from "../../protocol/limits.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { Page } from "../../core/page.ts";
import type { Stream } from "./stream.ts";

/** Number of streams with a cached page of at most {@link DEFAULT_PAGE} messages: usually 1.5 MB. */
const PAGES = 256;

/** Memory of all cached pages, in bytes. */
const MAX_BYTES = 8 * 1024 * 1024;

export type NewestQuery = Extract<PageQuery, { kind: "newest" }>;

interface CachedPage {
  readonly updated: Cursor;
  readonly query: NewestQuery;
  readonly page: Page;
  readonly bytes: number;
}

/**
 * The newest messages of recently read streams: what a client reads first when it opens a stream. A page is valid
 * until its stream has another message. A cached page takes a third of the time.
 */
export class PageCache {
  private readonly pages = new Map<Stream, CachedPage>();
  private bytes = 0;

  get(stream: Stream, { order, limit }: NewestQuery): Page | undefined {
    const cached = this.pages.get(stream);
    if (cached === undefined || cached.updated !== stream.updated) return undefined;
    return cached.query.order === order && cached.query.limit === limit ? cached.page : undefined;
  }

  set(stream: Stream, query: NewestQuery, page: Page): void {
    if (page.messages.length > DEFAULT_PAGE) return;
    const bytes = bytesOf(page);
    this.delete(stream);
    this.pages.set(stream, { updated: stream.updated, query, page, bytes });
    this.bytes += bytes;
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= PAGES && this.bytes <= MAX_BYTES) return;
      this.delete(oldest);
    }
  }

  /** Must be called when a stream is deleted: nothing of it may stay in memory. */
  delete(stream: Stream): void {
    this.bytes -= this.pages.get(stream)?.bytes ?? 0;
    this.pages.delete(stream);
  }
}

/** Returns about what a page takes: the text and the JSON of each message and the JSON of all, with 1 or 2 bytes per character. */
function bytesOf({ messages }: Page): number {
  let bytes = 0;
  for (const { json, stream } of messages) {
    const escaped = json.length - stream.length;
    bytes += (2 * json.length + escaped) * (isLatin1(json) ? 1 : 2);
  }
  return bytes;
}

/** The runtime keeps such a string with one byte per character. */
function isLatin1(text: string): boolean {
  // Most are ASCII, of which the runtime can tell ten times as fast.
  if (Buffer.byteLength(text) === text.length) return true;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
