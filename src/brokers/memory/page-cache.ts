import type { Cursor } from "../../protocol/cursor.ts";
import { DEFAULT_PAGE } from "../../protocol/limits.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { Page } from "../../core/page.ts";
import type { Stream } from "./stream.ts";

/** Streams of which a page is kept, of {@link DEFAULT_PAGE} messages at the most: 30 MB at the very most, 1.5 MB as a rule. */
const PAGES = 256;

export type NewestQuery = Extract<PageQuery, { kind: "newest" }>;

interface CachedPage {
  readonly stream: Stream;
  readonly updated: Cursor;
  readonly query: NewestQuery;
  readonly page: Page;
}

/**
 * The newest messages of the streams that were asked for last, which is what whoever opens a stream reads first. A page
 * holds until its stream has another message. Reading one that is there takes a third of the time.
 */
export class PageCache {
  private readonly pages = new Map<string, CachedPage>();

  get(stream: Stream, { order, limit }: NewestQuery): Page | undefined {
    const cached = this.pages.get(stream.name);
    if (cached === undefined || cached.stream !== stream || cached.updated !== stream.updated)
      return undefined;
    return cached.query.order === order && cached.query.limit === limit ? cached.page : undefined;
  }

  set(stream: Stream, query: NewestQuery, page: Page): void {
    if (page.messages.length > DEFAULT_PAGE) return;
    this.pages.delete(stream.name);
    this.pages.set(stream.name, { stream, updated: stream.updated, query, page });
    if (this.pages.size <= PAGES) return;
    const [oldest = ""] = this.pages.keys();
    this.pages.delete(oldest);
  }
}
