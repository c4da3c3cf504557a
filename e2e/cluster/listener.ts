import type { WireEvent, WireMessage } from "../../src/protocol/message.ts";
import { linesOf } from "../../test-support/process.ts";
import type { Heard } from "./history.ts";

/** Milliseconds before a listener connects again. */
const PAUSE = 50;

/** Listens to a stream, at one server after the other if need be, and resumes where it was. */
export class Listener implements Heard {
  since = 0;
  readonly items: Heard["items"] = [];
  private cursor: string | undefined = undefined;
  private readonly leave = new AbortController();
  private readonly begun = Promise.withResolvers<void>();
  private readonly done: Promise<void>;
  private readonly stream: string;
  private readonly servers: readonly URL[];

  /** `servers`: in the order in which they are tried. */
  constructor(stream: string, servers: readonly URL[]) {
    this.stream = stream;
    this.servers = servers;
    this.done = this.run();
  }

  /** Resolves when it is welcomed. */
  get welcomed(): Promise<void> {
    return this.begun.promise;
  }

  /** The newest message or gap that it received. */
  get newest(): number {
    const last = this.items.at(-1);
    return last === undefined ? this.since : "text" in last ? last.created : last.to - 1;
  }

  async close(): Promise<void> {
    this.leave.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    const { signal } = this.leave;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const url = new URL("/events", this.servers[attempt % this.servers.length]);
      url.searchParams.set("stream", this.stream);
      if (this.cursor !== undefined) url.searchParams.set("last", this.cursor);
      try {
        const response = await fetch(url, { signal, headers: { accept: "application/x-ndjson" } });
        if (response.ok && response.body !== null)
          for await (const line of linesOf(response.body)) this.take(line);
      } catch {
        // It was killed, or the listener leaves.
      }
      if (!signal.aborted) await Bun.sleep(PAUSE);
    }
  }

  private take(line: string): void {
    if (line.trim() === "") return;
    const frame = JSON.parse(line) as WireMessage | WireEvent;
    const created = microseconds(frame.Created);
    if (frame.Type === "message") {
      this.items.push({ text: frame.Text, created });
      this.cursor = `${frame.Created}-${this.cursor?.split("-")[1]}`;
    } else if (frame.Text === "welcome") {
      if (this.cursor === undefined) this.since = microseconds(frame.Cursor);
      this.cursor = frame.Cursor;
      this.begun.resolve();
    } else if (frame.Text === "gap") {
      this.items.push({ from: microseconds(frame.From), to: microseconds(frame.To) });
    }
  }
}

/** The microseconds of a `Created` or a cursor. As a number, nanoseconds would not be exact. */
export function microseconds(nanoseconds = "0"): number {
  return Number(nanoseconds.split("-")[0]?.slice(0, -3));
}
