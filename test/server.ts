// Real servers and the clients to try them with. Nothing here sleeps: every wait is for something that happens.
import { connect, type Socket } from "node:net";
import { MemoryBroker } from "../src/brokers/memory.ts";
import type { Clock } from "../src/core/clock.ts";
import { Hub } from "../src/core/hub.ts";
import type { Message } from "../src/core/message.ts";
import { Numbering } from "../src/core/numbering.ts";
import { DEFAULT_TTL } from "../src/protocol/limits.ts";
import type { WireEvent, WireMessage } from "../src/protocol/message.ts";
import type { ProblemDetails } from "../src/protocol/problem.ts";
import type { AckFrame, ErrorFrame } from "../src/protocol/socket.ts";
import { checkText } from "../src/protocol/text.ts";
import { App } from "../src/server/app.ts";
import type { Connection, ServerLimits } from "../src/server/exchange.ts";
import { HttpSubscribers } from "../src/server/http-subscribers.ts";
import { Polls } from "../src/server/poll.ts";
import { serve, type RunningServer } from "../src/server/serve.ts";
import type { SocketOpening } from "../src/server/socket-connection.ts";
import { ManualClock } from "./clock.ts";

/** What a live reader gets: a message or an event. */
export type Wire = WireMessage | WireEvent;

const REAL_CLOCK: Clock = { wall: () => Date.now() * 1000, monotonic: () => performance.now() };

export interface TestServerOptions extends Partial<ServerLimits> {
  readonly clock?: Clock;
}

/** A hub as `main.ts` puts it together. */
function makeHub(clock: Clock, { ttl, maxMemory }: ServerLimits): Hub {
  const numbering = new Numbering(clock, "test");
  return new Hub(new MemoryBroker({ ttl, maxMemory }, numbering, clock), numbering, clock, (flush, delay) => {
    if (delay === 0) setImmediate(flush);
    else setTimeout(flush, delay);
  });
}

function limitsOf({ ttl = DEFAULT_TTL, maxMemory = 64 * 1024 * 1024 }: TestServerOptions): ServerLimits {
  return { ttl, maxMemory };
}

/** The server without a port: what it answers to a request. */
export class TestApp {
  readonly clock = new ManualClock();
  readonly hub: Hub;
  /** The requests that were told that they may be quiet for long. */
  readonly keptOpen: Request[] = [];
  /** What WebSockets were opened with. */
  readonly upgrades: SocketOpening[] = [];
  /** What {@link Connection.upgrade} answers. */
  upgradable = true;
  private readonly app: App;

  constructor(options: TestServerOptions = {}) {
    const limits = limitsOf(options);
    this.hub = makeHub(this.clock, limits);
    const services = {
      hub: this.hub,
      limits,
      subscribers: new HttpSubscribers(this.clock),
      polls: new Polls(),
    };
    this.app = new App(services, { "/": () => new Response("the page") });
  }

  /** What becomes of a request; undefined where it becomes a WebSocket. */
  async handle(request: Request): Promise<Response | undefined> {
    const connection: Connection = {
      keepOpen: (kept) => void this.keptOpen.push(kept),
      upgrade: (_, opening) => {
        if (this.upgradable) this.upgrades.push(opening);
        return this.upgradable;
      },
    };
    return this.app.handle(request, connection);
  }

  /** `target` begins with a slash. */
  async request(target: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.handle(new Request(`http://localhost${target}`, init));
    if (response === undefined) throw new Error("it became a WebSocket");
    return response;
  }

  /** Posts a message and answers it as stored. */
  async post(stream: string, text: string): Promise<WireMessage> {
    const response = await this.request("/messages", {
      method: "POST",
      body: new URLSearchParams({ stream, text }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return (await response.json()) as WireMessage;
  }

  /** The texts of `GET /messages?{query}`. */
  async texts(query: string): Promise<string[]> {
    const messages = (await (await this.request(`/messages?${query}`)).json()) as WireMessage[];
    return messages.map(({ Text }) => Text);
  }
}

/** What an error answer says, after checking that it is RFC 9457 throughout. */
export async function problemOf(response: Response): Promise<ProblemDetails> {
  const problem = (await response.json()) as ProblemDetails;
  const { code, status } = problem;
  if (response.headers.get("content-type") !== "application/problem+json") throw new Error("not a problem");
  if (status !== response.status || problem.type !== `urn:malten:problem:${code}`)
    throw new Error("not consistent");
  if (Object.keys(problem).join() !== "type,title,status,detail,code") throw new Error("not the members");
  if (response.headers.get("access-control-allow-origin") !== "*") throw new Error("without CORS");
  return problem;
}

/** A server in this process, on a port of its own. */
export class TestServer implements AsyncDisposable {
  readonly hub: Hub;
  readonly port: number;
  /** Without a slash at the end. */
  readonly url: string;
  private readonly running: RunningServer;

  constructor(options: TestServerOptions = {}) {
    const { clock = REAL_CLOCK } = options;
    const limits = limitsOf(options);
    this.hub = makeHub(clock, limits);
    const pages = { "/": () => new Response("the page") };
    this.running = serve({ port: 0, host: "127.0.0.1", hub: this.hub, clock, limits, pages });
    this.port = Number(this.running.url.port);
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** Publishes without going through HTTP. */
  async publish(stream: string, text: string): Promise<Message> {
    return this.hub.publish(stream, checkText(text));
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Resolves when the event loop has handled what was there to handle. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A TCP connection that sends just the bytes it is given. */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  private buffered = Buffer.alloc(0);
  private chunks: Buffer[] = [];
  private ended = false;
  private wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.wake();
    });
    const end = () => {
      this.ended = true;
      this.wake();
    };
    socket.on("end", end);
    socket.on("close", end);
    // A reset is an end too: what was received says how it went.
    socket.on("error", end);
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, "127.0.0.1");
    const opened = Promise.withResolvers<void>();
    socket.once("connect", opened.resolve);
    socket.once("error", opened.reject);
    await opened.promise;
    return new RawConnection(socket);
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Takes from the front of what comes what `take` finds there; `take` answers how many bytes it took, 0 for "wait for more". */
  async read(take: (bytes: Buffer) => number): Promise<Buffer | undefined> {
    for (;;) {
      const woken = Promise.withResolvers<void>();
      this.wake = woken.resolve;
      if (this.chunks.length > 0) {
        this.buffered = Buffer.concat([this.buffered, ...this.chunks]);
        this.chunks = [];
      }
      const taken = take(this.buffered);
      if (taken > 0) {
        const bytes = this.buffered.subarray(0, taken);
        this.buffered = this.buffered.subarray(taken);
        return bytes;
      }
      if (this.ended) return undefined;
      await woken.promise;
    }
  }

  /** The next response; undefined where the connection ends before there is a whole one. */
  async response(method = "GET"): Promise<RawResponse | undefined> {
    const head = await this.head();
    if (head === undefined) return undefined;
    const length = method === "HEAD" ? 0 : Number(head.headers.get("content-length") ?? "0");
    const body = length === 0 ? "" : await this.read((bytes) => (bytes.length >= length ? length : 0));
    return body === undefined ? undefined : { ...head, body: body.toString() };
  }

  /** The next status line and headers. */
  async head(): Promise<Omit<RawResponse, "body"> | undefined> {
    const blank = "\r\n\r\n";
    const bytes = await this.read((all) => (all.includes(blank) ? all.indexOf(blank) + blank.length : 0));
    if (bytes === undefined) return undefined;
    const [statusLine = "", ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
    const headers = new Headers();
    for (const line of lines)
      headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
    return { status: Number(statusLine.split(" ")[1]), headers };
  }

  /** All that comes until the other side ends the connection. */
  async rest(encoding: "utf8" | "hex" = "utf8"): Promise<string> {
    await this.read(() => 0);
    return this.buffered.toString(encoding);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Sends bytes on a connection of their own and reads one response. */
export async function rawRequest(
  port: number,
  ...bytes: (string | Uint8Array)[]
): Promise<RawResponse | undefined> {
  using connection = await RawConnection.open(port);
  for (const part of bytes) connection.send(part);
  return await connection.response();
}

/** The text of a live response, piece by piece. */
export class TextReader implements AsyncDisposable {
  readonly response: Response;
  private readonly reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> };
  private readonly decoder = new TextDecoder();
  private readonly abort: AbortController;
  private buffered = "";

  private constructor(response: Response, abort: AbortController) {
    if (response.body === null) throw new Error(`no body: ${response.status}`);
    this.response = response;
    this.reader = response.body.getReader();
    this.abort = abort;
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<TextReader> {
    const abort = new AbortController();
    return new TextReader(await fetch(url, { headers, signal: abort.signal }), abort);
  }

  /** What comes before the next `separator`; undefined where the response ends before. */
  async upTo(separator: string): Promise<string | undefined> {
    for (;;) {
      const end = this.buffered.indexOf(separator);
      if (end !== -1) {
        const piece = this.buffered.slice(0, end);
        this.buffered = this.buffered.slice(end + separator.length);
        return piece;
      }
      const { done, value } = await this.reader.read();
      if (done) return undefined;
      this.buffered += this.decoder.decode(value, { stream: true });
    }
  }

  /** The client goes away. */
  close(): void {
    this.abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    // What was under way ends with the abort.
    await this.reader.read().catch(() => null);
  }
}

/** A server-sent event, as its lines say it. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly retry: string | undefined;
  readonly data: Wire;
}

/** Reads `GET /events` as server-sent events. */
export class EventReader implements AsyncDisposable {
  readonly response: Response;
  /** The last `retry:`. */
  retry: string | undefined;
  private readonly text: TextReader;

  private constructor(text: TextReader) {
    this.text = text;
    this.response = text.response;
  }

  /** `query` begins with the stream: `foo&last=earliest`. */
  static async open(url: string, query: string, headers: Record<string, string> = {}): Promise<EventReader> {
    return new EventReader(await TextReader.open(`${url}/events?stream=${query}`, headers));
  }

  /** The next event that has data; undefined at the end. */
  async next(): Promise<ServerSentEvent | undefined> {
    for (;;) {
      const block = await this.text.upTo("\n\n");
      if (block === undefined) return undefined;
      const fields = new Map<string, string>();
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        if (colon === 0) continue;
        const name = line.slice(0, colon);
        if (fields.has(name)) throw new Error(`two fields ${name} in one event: ${block}`);
        fields.set(name, line.slice(colon + 1).replace(/^ /, ""));
      }
      this.retry = fields.get("retry") ?? this.retry;
      const data = fields.get("data");
      if (data === undefined) continue;
      const id = fields.get("id");
      return { id, event: fields.get("event"), retry: fields.get("retry"), data: JSON.parse(data) as Wire };
    }
  }

  /** The next message or event that is not about presence. */
  async nextData(): Promise<Wire> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error("the response ended");
      if (!isPresence(event.data)) return event.data;
    }
  }

  /** The next event of this name. */
  async nextEvent(name: WireEvent["Text"]): Promise<WireEvent> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error(`the response ended without ${name}`);
      if (event.data.Type === "event" && event.data.Text === name) return event.data;
    }
  }

  /** The texts of the next messages; presence is passed over, other events stand in angle brackets. */
  async texts(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) texts.push(textOf(await this.nextData()));
    return texts;
  }

  close(): void {
    this.text.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.text[Symbol.asyncDispose]();
  }
}

/** What a WebSocket client gets. */
export type Frame = Wire | AckFrame | ErrorFrame;

/** A WebSocket whose frames are awaited. */
export class SocketClient implements AsyncDisposable {
  private readonly socket: WebSocket;
  private readonly frames: Frame[] = [];
  /** How many messages or events each WebSocket frame had. */
  readonly counts: number[] = [];
  private wake: () => void = () => {};
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const lines = String(data).split("\n");
      this.counts.push(lines.length);
      for (const line of lines) this.frames.push(JSON.parse(line) as Frame);
      this.wake();
    });
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = closed.promise;
    socket.addEventListener("close", ({ code, reason }) => {
      closed.resolve({ code, reason });
      this.wake();
    });
  }

  /** `query` begins with the stream: `foo&last=earliest`. */
  static async open(url: string, query: string, subprotocols: string[] = []): Promise<SocketClient> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/events?stream=${query}`, subprotocols);
    const client = new SocketClient(socket);
    const opened = Promise.withResolvers<void>();
    socket.addEventListener("open", () => opened.resolve());
    socket.addEventListener("error", () => opened.reject(new Error("the WebSocket did not open")));
    await opened.promise;
    if (socket.protocol !== (subprotocols[0] ?? ""))
      throw new Error(`another subprotocol: ${socket.protocol}`);
    return client;
  }

  /** Sends an object as JSON, and anything else as it is. */
  send(frame: object | string | Uint8Array): void {
    const raw = typeof frame === "string" || frame instanceof Uint8Array;
    this.socket.send(raw ? frame : JSON.stringify(frame));
  }

  /** The next frame that is not about presence, or that `wanted` wants. */
  async next(wanted: (frame: Frame) => boolean = (frame) => !isPresence(frame)): Promise<Frame> {
    for (;;) {
      const woken = Promise.withResolvers<void>();
      this.wake = woken.resolve;
      const frame = this.frames.shift();
      if (frame !== undefined && wanted(frame)) return frame;
      if (frame !== undefined) continue;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("the WebSocket is closed");
      await woken.promise;
    }
  }

  /** Sends a frame and answers what it is answered. */
  async ask(frame: object | string | Uint8Array): Promise<AckFrame | ErrorFrame> {
    this.send(frame);
    const answer = await this.next(({ Type }) => Type === "ack" || Type === "error");
    return answer as AckFrame | ErrorFrame;
  }

  /** The texts of the next messages; presence and acks are passed over, other events stand in angle brackets. */
  async texts(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      const frame = await this.next((next) => next.Type !== "ack" && !isPresence(next));
      if (frame.Type === "ack") continue;
      texts.push(frame.Type === "error" ? `<${frame.Code}>` : textOf(frame));
    }
    return texts;
  }

  close(): void {
    this.socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }
}

function isPresence(frame: Frame): boolean {
  return frame.Type === "event" && (frame.Text === "connect" || frame.Text === "close");
}

function textOf(data: Wire): string {
  return data.Type === "message" ? data.Text : `<${data.Text}>`;
}
