import { signal } from "@preact/signals";
import { MaltenError, type Listed, type Malten } from "../../src/client/index.ts";
import { clockError } from "./clock-error.ts";

/** Polling interval, in milliseconds. */
const INTERVAL = 3000;

/** Polling interval after a failure, in milliseconds. */
const RETRY_INTERVAL = 8000;

/** Streams that are shown; the rest can be found by name. */
export const MAX_STREAMS = 100;

/** The list of public streams, polled while it is visible. */
export class Explorer {
  readonly streams = signal<readonly Listed[]>([]);
  /** Whether there are more than those. */
  readonly more = signal(false);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  /** Only streams whose names start with this are listed. */
  readonly prefix = signal("");
  /** Whether the user wants to search: the search field takes the focus. */
  readonly isWanted = signal(false);
  /** When the list was received, in milliseconds since 1970. Its remaining times are relative to this. */
  readonly asOf = signal(Date.now());
  /** How far this device's clock is ahead of the server's, in milliseconds, as far as it is known. */
  readonly ahead = signal(0);
  private readonly malten: Malten;
  private watching = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private request: AbortController | undefined;

  constructor(malten: Malten) {
    this.malten = malten;
    document.addEventListener("visibilitychange", () => this.refresh());
    addEventListener("online", () => this.refresh());
  }

  /** Starts or stops polling. */
  watch(watching: boolean): void {
    this.watching = watching;
    clearTimeout(this.timer);
    if (watching) void this.load();
  }

  search(prefix: string): void {
    this.prefix.value = prefix;
    this.refresh();
  }

  /** Requests the list now if it is visible. */
  refresh(): void {
    clearTimeout(this.timer);
    if (this.watching && !document.hidden) void this.load();
  }

  private async load(): Promise<void> {
    const request = new AbortController();
    this.request?.abort();
    this.request = request;
    const prefix = this.prefix.peek();
    let wait = INTERVAL;
    try {
      const limit = MAX_STREAMS + 1;
      const streams = await this.malten.list({ limit, prefix, signal: request.signal });
      this.asOf.value = Date.now();
      this.ahead.value = clockError(this.ahead.peek(), streams);
      this.streams.value = streams.slice(0, MAX_STREAMS);
      this.more.value = streams.length > MAX_STREAMS;
      this.state.value = "ready";
    } catch (error) {
      if (request.signal.aborted) return;
      this.state.value = "failed";
      const asked = error instanceof MaltenError ? (error.retryAfter ?? 0) * 1000 : 0;
      wait = Math.max(RETRY_INTERVAL, asked);
    }
    if (request.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), wait);
  }
}
