import { expect } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import { formatCursor, parseCursorAfter } from "../../src/protocol/cursor.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { ManualClock } from "../clock.ts";
import { TestServer } from "../server.ts";
import { Followed } from "./followed.ts";
import { Follower, type Transport } from "./follower.ts";
import { TTL, type ModelMessage, type ServerModel } from "./model.ts";

/** Little, so that a fill command reaches it. */
const MAX_MEMORY = 1024 * 1024;

/** Where a follower or a page begins: a number chooses one of the messages of the stream, also one that is not kept any more. */
export type From = "live" | "earliest" | "foreign" | "future" | number;

/** The real server, its clients, and what they must have got according to the model. */
export class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly followed: Followed[] = [];
  /** Owner tokens by stream: a token of an earlier stream of the name is wrong. */
  readonly owners = new Map<string, string>();
  private server = this.start("run1", 0);
  private runs = 1;

  /** Sends a request and returns its status, headers and JSON. */
  async ask(
    method: string,
    path: string,
    parameters: Readonly<Record<string, string>> = {},
    headers: Record<string, string> = {},
  ) {
    const query = new URLSearchParams(parameters).toString();
    // Not on a connection that the last server may have closed.
    const init = { method, headers, keepalive: false };
    const response = await fetch(`${this.server.url}${path}?${query}`, init);
    const body = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: (body === "" ? undefined : JSON.parse(body)) as unknown,
    };
  }

  /** Publishes `count` messages without HTTP, until the memory is full. */
  async fill(model: ServerModel, stream: string, count: number, text: string): Promise<void> {
    for (let i = 0; i < count; i++) {
      try {
        const { id, created } = await this.server.publish(stream, text);
        this.published(model, stream, { id, created, text });
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "memory_full") throw error;
        expectFull(model, stream, text);
        return;
      }
    }
  }

  /** Records a message that was acknowledged as new: all followers of the stream must get it. */
  published(model: ServerModel, stream: string, message: ModelMessage, ref?: string): void {
    const previous = model.everything(stream).at(-1)?.created ?? 0;
    expect(message.created).toBeGreaterThan(previous);
    model.publish(stream, message, ref);
    for (const each of this.followed) if (each.stream === stream) each.owe(model.server, message);
  }

  async follow(model: ServerModel, stream: string, transport: Transport, from: From): Promise<void> {
    const cursor = cursorOf(model, stream, transport, from);
    const followed = new Followed(new Follower(stream, transport, cursor.text), from === "earliest");
    followed.owe(model.server, ...cursor.due);
    this.followed.push(followed);
    await this.connect(model, followed);
  }

  /** Publishes messages while a follower connects: those after the cursor of its welcome must reach it. */
  async race(model: ServerModel, stream: string, transport: Transport, count: number): Promise<void> {
    const followed = new Followed(new Follower(stream, transport, undefined), false);
    const publishing = Array.from({ length: count }, () =>
      this.ask("POST", "/messages", { stream, text: "race" }),
    );
    const [answers] = await Promise.all([Promise.all(publishing), this.connect(model, followed)]);
    const messages = answers.flatMap(({ status, json }) => {
      if (status === 201) return [modelMessage(json as WireMessage)];
      expectFull(model, stream, "race");
      return [];
    });
    messages.sort((a, b) => a.created - b.created);
    for (const message of messages) this.published(model, stream, message);
    const begin = parseCursorAfter(followed.follower.begin?.split("-")[0] ?? "") ?? Number.NaN;
    followed.owe(model.server, ...messages.filter(({ created }) => created > begin));
    this.followed.push(followed);
  }

  async connect(model: ServerModel, followed: Followed): Promise<void> {
    const { cursor } = followed.follower;
    if (cursor !== undefined && isForeign(cursor, model)) followed.oweGap(model.server);
    await followed.follower.connect(this.server.url, model.server);
  }

  /** Lets time pass. */
  pass(model: ServerModel, milliseconds: number): void {
    this.clock.advance(milliseconds);
    model.now += milliseconds;
    this.server.onTimer();
  }

  /**
   * Publishes a last message, stops the server, which delivers everything first, and starts another on the same port. Followers
   * reconnect.
   */
  async restart(model: ServerModel): Promise<void> {
    const { port } = this.server;
    for (const stream of new Set(this.followed.map((each) => each.stream)))
      await this.fill(model, stream, 1, "last");
    const connected = this.followed.filter(({ follower }) => follower.connected);
    await this.server.stop();
    for (const each of connected) {
      // It may have been between two polls; the next server tells it of a gap.
      if (each.follower.transport !== "poll") await each.check(model);
      await each.follower.disconnect();
    }
    this.runs++;
    model.restart(`run${this.runs}`);
    this.owners.clear();
    this.server = this.start(model.server, port);
    for (const each of connected) await this.connect(model, each);
  }

  /** Waits until all connected followers have got everything. */
  async settle(model: ServerModel): Promise<void> {
    for (const each of this.followed) if (each.follower.connected) await each.check(model);
    expect(this.server.logged).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { follower } of this.followed) await follower.disconnect();
    await this.server.stop();
  }

  private start(name: string, port: number): TestServer {
    return new TestServer({ clock: this.clock, name, port, ttl: TTL, maxMemory: MAX_MEMORY });
  }
}

/** The server may refuse for lack of memory only if it is rather full, and never what only replaces an old message. */
export function expectFull(model: ServerModel, stream: string, text: string): void {
  expect(model.size).toBeGreaterThan(MAX_MEMORY / 8);
  expect(model.replaces(stream, text)).toBe(false);
}

/** Returns a message of the server as the model keeps it. */
export function modelMessage({ Id, Created, Text, Name }: WireMessage): ModelMessage {
  return { id: Id, created: parseCursorAfter(Created) ?? Number.NaN, text: Text, name: Name };
}

function cursorOf(
  model: ServerModel,
  stream: string,
  transport: Transport,
  from: From,
): { readonly text: string | undefined; readonly due: readonly ModelMessage[] } {
  const all = model.everything(stream);
  switch (from) {
    case "live":
      return { text: undefined, due: [] };
    case "earliest":
      // A poll has no such word, but a cursor before everything.
      return { text: transport === "poll" ? `0-${model.server}` : "earliest", due: model.kept(stream) };
    case "foreign":
      return { text: "1795363701902393000-elsewhere", due: all };
    case "future":
      // A poll would wait for a minute before it says so.
      return { text: transport === "poll" ? "1-elsewhere" : "9".repeat(20), due: all };
    default: {
      const chosen = all[from % Math.max(all.length, 1)];
      if (chosen === undefined) return { text: undefined, due: [] };
      const due = all.filter(({ created }) => created > chosen.created);
      return { text: formatCursor(chosen.created, model.server), due };
    }
  }
}

/** Whether a server must tell a listener with this cursor that it may have missed anything. */
function isForeign(cursor: string, { server }: ServerModel): boolean {
  return cursor !== "earliest" && !cursor.endsWith(`-${server}`);
}
