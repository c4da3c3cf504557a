import type { WireEvent, WireMessage } from "../src/protocol/message.ts";
import type { AckFrame, ErrorFrame, WelcomeFrame } from "../src/protocol/socket.ts";

/** A message or an event of a live connection. */
export type Wire = WireMessage | WireEvent;

/** Reads the text of a live response piece by piece. */
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

  /** Returns everything before the next `separator`, or undefined if the response ends first. */
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

  /** What was received after the last separator. */
  get rest(): string {
    return this.buffered;
  }

  /** Disconnects. */
  close(): void {
    this.abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    // The abort rejects a pending read.
    await this.reader.read().catch(() => null);
  }
}

/** A parsed server-sent event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly retry: string | undefined;
  readonly data: Wire;
}

/** Reads `GET /events` as server-sent events. Throws at a block without data, which some clients dispatch as an empty event. */
export class EventReader implements AsyncDisposable {
  readonly response: Response;
  private readonly text: TextReader;

  private constructor(text: TextReader) {
    this.text = text;
    this.response = text.response;
  }

  /** `query` starts with the stream: `foo&last=earliest`. */
  static async open(url: string, query: string, headers: Record<string, string> = {}): Promise<EventReader> {
    return new EventReader(await TextReader.open(`${url}/events?stream=${query}`, headers));
  }

  /** Returns the next event, or undefined at the end. */
  async next(): Promise<ServerSentEvent | undefined> {
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
    const data = fields.get("data");
    if (data === undefined) throw new Error(`a block without data: ${block}`);
    return {
      id: fields.get("id"),
      event: fields.get("event"),
      retry: fields.get("retry"),
      data: JSON.parse(data) as Wire,
    };
  }

  /** Waits for the end of the response, and returns the reconnection time that it ends with. */
  async retryAtEnd(): Promise<string | undefined> {
    while ((await this.next()) !== undefined);
    return /^retry:([0-9]+)\n$/.exec(this.text.rest)?.[1];
  }

  /** Returns the next message or event other than welcome and presence. */
  async nextData(): Promise<Wire> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error("the response ended");
      if (!isRoutine(event.data)) return event.data;
    }
  }

  /** Returns the next event of this name. */
  async nextEvent(name: WireEvent["Text"]): Promise<WireEvent> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error(`the response ended without ${name}`);
      if (event.data.Type === "event" && event.data.Text === name) return event.data;
    }
  }

  /** Returns the texts of the next messages, with events other than welcome and presence in angle brackets. */
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

/** A frame from the server. */
export type Frame = Wire | WelcomeFrame | AckFrame | ErrorFrame;

/** A WebSocket client. */
export class SocketClient implements AsyncDisposable {
  private readonly socket: WebSocket;
  private readonly frames: Frame[] = [];
  /** The number of messages and events in each WebSocket frame. */
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

  /** `query` starts with the stream: `foo&last=earliest`. */
  static async open(
    url: string,
    query: string,
    subprotocols: string[] = [],
    headers: Record<string, string> = {},
  ): Promise<SocketClient> {
    const target = `${url.replace("http", "ws")}/events?stream=${query}`;
    const socket = new WebSocket(target, { protocols: subprotocols, headers });
    const client = new SocketClient(socket);
    const opened = Promise.withResolvers<void>();
    socket.addEventListener("open", () => opened.resolve());
    socket.addEventListener("error", () => opened.reject(new Error("the WebSocket did not open")));
    await opened.promise;
    if (socket.protocol !== (subprotocols[0] ?? ""))
      throw new Error(`another subprotocol: ${socket.protocol}`);
    return client;
  }

  /** Sends an object as JSON, and text or bytes as they are. */
  send(frame: object | string | Uint8Array): void {
    const raw = typeof frame === "string" || frame instanceof Uint8Array;
    this.socket.send(raw ? frame : JSON.stringify(frame));
  }

  /** Returns the next frame other than welcome and presence events, or the next that `wanted` accepts. */
  async next(wanted: (frame: Frame) => boolean = (frame) => !isRoutine(frame)): Promise<Frame> {
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

  /** Sends a frame and returns the ack or error. */
  async ask(frame: object | string | Uint8Array): Promise<AckFrame | ErrorFrame> {
    this.send(frame);
    const answer = await this.next(({ Type }) => Type === "ack" || Type === "error");
    return answer as AckFrame | ErrorFrame;
  }

  /** Returns the texts of the next messages, with errors and events other than welcome and presence in angle brackets. */
  async texts(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      const frame = await this.next();
      if (frame.Type === "ack" || frame.Type === "welcome") continue;
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

/** Whether it is an event that most tests skip. */
function isRoutine(frame: Frame): boolean {
  return frame.Type === "event" && ["welcome", "connect", "close", "presence"].includes(frame.Text);
}

function textOf(data: Wire): string {
  return data.Type === "message" ? data.Text : `<${data.Text}>`;
}
