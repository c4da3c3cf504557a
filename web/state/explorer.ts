import { signal } from "@preact/signals";
import type { Listed, Malten } from "../../src/client/index.ts";

/** How often the list is asked for, in milliseconds. */
const INTERVAL = 3000;

/** How often while it cannot be had. */
const INTERVAL_FAILED = 8000;

/** As many as anybody looks through; the rest is found by name. */
const MOST = 100;

/** The public streams, as they come and go. Asks only while somebody looks. */
export class Explorer {
  readonly streams = signal<readonly Listed[]>([]);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  /** The beginning of the names that are asked for. */
  readonly prefix = signal("");
  /** When the list was had, in milliseconds since 1970: what remains of each stream is as of then. */
  readonly asOf = signal(Date.now());
  private readonly malten: Malten;
  private watching = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private request: AbortController | undefined;

  constructor(malten: Malten) {
    this.malten = malten;
    document.addEventListener("visibilitychange", () => this.refresh());
  }

  /** Begins or ceases to ask. Asks once in any case: the list also knows how long the open stream lives. */
  watch(watching: boolean): void {
    this.watching = watching;
    clearTimeout(this.timer);
    void this.load();
  }

  search(prefix: string): void {
    this.prefix.value = prefix;
    this.refresh();
  }

  /** Asks now, if somebody looks. */
  refresh(): void {
    clearTimeout(this.timer);
    if (this.watching && !document.hidden) void this.load();
  }

  private async load(): Promise<void> {
    const request = new AbortController();
    this.request?.abort();
    this.request = request;
    const prefix = this.prefix.peek();
    try {
      const streams = await this.malten.list({ limit: MOST, prefix, signal: request.signal });
      this.asOf.value = Date.now();
      this.streams.value = streams;
      this.state.value = "ready";
    } catch {
      if (request.signal.aborted) return;
      this.state.value = "failed";
    }
    if (request.signal.aborted) return;
    clearTimeout(this.timer);
    const wait = this.state.peek() === "ready" ? INTERVAL : INTERVAL_FAILED;
    this.timer = setTimeout(() => this.refresh(), wait);
  }
}
