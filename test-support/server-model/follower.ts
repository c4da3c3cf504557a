import { splitCursor, parseCursorAfter } from "../../src/protocol/cursor.ts";
import type { WireMessage } from "../../src/protocol/message.ts";
import { EventReader, SocketClient, type Wire } from "../clients.ts";
import { turn } from "../server.ts";

/** The ways to follow a stream. */
export type Transport = "events" | "socket" | "lines" | "poll";

/** How long to wait for what must come, in milliseconds. Only a test that fails waits so long. */
const PATIENCE = 30_000;

/** Messages after `from` and before `to` are missing, in microseconds. */
interface ToldGap {
  readonly from: number;
  readonly to: number;
  /** The server that told it. */
  readonly server: string;
}

/** An open connection of a {@link Follower}. */
interface Connection {
  close(): Promise<void>;
}

/** A client that follows one stream and resumes from its own cursor whenever it connects again. */
export class Follower {
  readonly received: WireMessage[] = [];
  readonly gaps: ToldGap[] = [];
  /** From where it resumes, as the server told it. */
  cursor: string | undefined;
  /** Where it began, as the server told it first. */
  begin: string | undefined;
  /** Why it could not go on polling. */
  failure: Error | undefined;
  private connection: Connection | undefined;
  private changed = () => {};
  private welcomed = Promise.withResolvers<void>();

  readonly stream: string;
  readonly transport: Transport;
  /** The server that it is connected to. */
  private server = "";

  constructor(stream: string, transport: Transport, cursor: string | undefined) {
    this.stream = stream;
    this.transport = transport;
    this.cursor = cursor;
  }

  get connected(): boolean {
    return this.connection !== undefined;
  }

  /** Connects and resumes. Resolves once it knows from where it would resume next. */
  async connect(url: string, server: string): Promise<void> {
    this.server = server;
    this.failure = undefined;
    this.welcomed = Promise.withResolvers();
    const last = this.cursor === undefined ? "" : `&last=${this.cursor}`;
    if (this.transport === "poll") {
      this.connection = await this.poll(url);
      return;
    }
    const query = `${this.stream}${last}`;
    this.connection = await (this.transport === "events" ? this.listen(url, query) : this.open(url, query));
    await this.welcomed.promise;
  }

  async disconnect(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.close();
  }

  /** Resolves when the condition holds, or after some seconds: then the caller finds out what is missing. */
  async until(condition: () => boolean): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE);
    patience.addEventListener("abort", () => this.changed());
    while (!condition() && !patience.aborted) {
      const news = Promise.withResolvers<void>();
      this.changed = news.resolve;
      await news.promise;
      // Once for everything that arrives in a turn.
      await turn();
    }
  }

  private async listen(url: string, query: string): Promise<Connection> {
    const reader = await EventReader.open(url, query);
    const reading = this.readEvents(reader);
    return { close: () => reader[Symbol.asyncDispose]().then(() => reading) };
  }

  private async readEvents(reader: EventReader): Promise<void> {
    for (;;) {
      const event = await reader.next().catch(() => null);
      if (event === null || event === undefined) return;
      // As `EventSource` does: an event without an id leaves the last one.
      this.cursor = event.id ?? this.cursor;
      this.take(event.data);
    }
  }

  private async open(url: string, query: string): Promise<Connection> {
    const socket = await SocketClient.open(url, query, this.transport === "lines" ? ["malten.lines"] : []);
    const reading = this.readFrames(socket);
    return { close: () => socket[Symbol.asyncDispose]().then(() => reading) };
  }

  private async readFrames(socket: SocketClient): Promise<void> {
    for (;;) {
      const frame = await socket.next(() => true).catch(() => null);
      if (frame === null) return;
      if (frame.Type !== "message" && frame.Type !== "event") throw new Error(`unexpected ${frame.Type}`);
      // The cursor of a message is not in its frame, and that of a welcome from another server must not be kept yet.
      if (frame.Type === "message") this.cursor = `${frame.Created}-${this.server}`;
      else if (frame.Text === "welcome" && !this.isForeign()) this.cursor = frame.Cursor;
      this.take(frame);
    }
  }

  /** Follows by long polls, one after the other. Begins at the end of the stream if it has no cursor. */
  private async poll(url: string): Promise<Connection> {
    const abort = new AbortController();
    const { stream } = this;
    const ask = async (query: string) => {
      const response = await fetch(`${url}/messages?stream=${stream}&${query}`, { signal: abort.signal });
      if (response.status !== 200) throw new Error(`a poll got ${response.status}: ${await response.text()}`);
      return { response, messages: (await response.json()) as WireMessage[] };
    };
    const advance = ({ response, messages }: Awaited<ReturnType<typeof ask>>) => {
      const newest = messages.at(-1);
      this.cursor =
        newest === undefined
          ? (response.headers.get("malten-cursor") ?? "")
          : `${newest.Created}-${this.server}`;
    };
    if (this.cursor === undefined) advance(await ask("limit=1"));
    this.welcome();
    const polling = (async () => {
      for (;;) {
        const answer = await ask(`last=${this.cursor}&wait=60&limit=100`);
        const [From, To] = answer.response.headers.get("malten-gap")?.split("-") ?? [];
        if (From !== undefined && To !== undefined) this.takeGap(From, To);
        advance(answer);
        for (const message of answer.messages) this.take(message);
      }
    })().catch((error: unknown) => {
      if (!abort.signal.aborted) this.failure = new Error("polling failed", { cause: error });
    });
    return {
      close: () => {
        abort.abort();
        return polling;
      },
    };
  }

  private isForeign(): boolean {
    return this.cursor !== undefined && splitCursor(this.cursor)?.server !== this.server;
  }

  private take(wire: Wire): void {
    if (wire.Type === "message") this.received.push(wire);
    else if (wire.Text === "gap") this.takeGap(wire.From ?? "", wire.To ?? "");
    else if (wire.Text === "welcome") this.welcome();
    this.changed();
  }

  private welcome(): void {
    this.begin ??= this.cursor;
    this.welcomed.resolve();
  }

  private takeGap(from: string, to: string): void {
    this.gaps.push({ from: microseconds(from), to: microseconds(to), server: this.server });
    this.changed();
  }
}

/** Returns nanoseconds as a cursor. */
function microseconds(nanoseconds: string): number {
  const cursor = parseCursorAfter(nanoseconds);
  if (cursor === undefined) throw new Error(`not nanoseconds: ${nanoseconds}`);
  return cursor;
}
