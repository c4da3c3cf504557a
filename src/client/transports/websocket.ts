import { MAX_FRAME } from "../../protocol/limits.ts";
import {
  LINES_SUBPROTOCOL,
  type AckFrame,
  type ErrorFrame,
  type Ref,
  type WelcomeFrame,
} from "../../protocol/socket.ts";
import { MaltenError } from "../error.ts";
import { decode, notMalten } from "../decode.ts";
import { MAX_HOLD } from "../send-queue.ts";
import type { PresenceInfo } from "../stream-event.ts";
import type {
  Connection,
  ConnectionRequest,
  PublishAnswer,
  SubscribeOptions,
  WireItem,
} from "./connection.ts";
import { watch, type Watchdog } from "./watchdog.ts";

/** Maximum number of unanswered frames. Fewer while the server delays its answers because messages come too fast for it. */
const WINDOW = 256;

/** Number of unanswered frames that is always allowed. */
const MIN_WINDOW = 4;

/** A frame from the server. */
type Frame = (WireItem & { readonly Stream: string }) | WelcomeFrame | AckFrame | ErrorFrame;

/** A WebSocket for all streams. */
export class SocketConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #request: ConnectionRequest;
  readonly #watchdog: Watchdog;
  /** The ref of the newest subscription to each stream. Frames before its acknowledgement belong to the one before. */
  readonly #subscriptions = new Map<string, number>();
  /** The streams of unanswered frames, and when they were sent. Refs of messages are strings, those of other frames are numbers. */
  readonly #unanswered = new Map<Ref, readonly [stream: string, since: number]>();
  /** Grows with each answer in time. */
  #window = 16;
  #ref = 0;
  server = "";
  #isOver = false;

  constructor(request: ConnectionRequest) {
    this.#request = request;
    // A socket that only sends does not count as a listener.
    const url = `${request.http.base.replace(/^http/, "ws")}/events?subscribe=false`;
    this.#socket = new WebSocket(url, LINES_SUBPROTOCOL);
    this.#watchdog = watch(
      request.silence,
      (error) => this.#fail(error),
      // Browsers cannot send WebSocket pings.
      () => this.#send({ Type: "ping" }),
    );
    this.#socket.addEventListener("message", ({ data }) => this.#receive(data));
    this.#socket.addEventListener("close", ({ code, reason }) => {
      // Close codes 4500–4999: do not reconnect.
      const error = new MaltenError("unreachable", `Connection closed: ${reason || code}`);
      if (this.server) this.#fail(error, code >= 4500);
      else void this.#probe(error);
    });
  }

  subscribe(stream: string, { cursor, person: { name, status } }: SubscribeOptions): void {
    this.#ask(stream, { Type: "subscribe", Last: cursor, Name: name, Status: status });
    this.#subscriptions.set(stream, this.#ref);
  }

  unsubscribe(stream: string): void {
    if (this.#subscriptions.delete(stream)) this.#ask(stream, { Type: "unsubscribe" });
  }

  setPresence(stream: string, { name, status }: PresenceInfo): void {
    this.#ask(stream, { Type: "presence", Name: name, Status: status });
  }

  canPublish(): boolean {
    return this.#unanswered.size < this.#window;
  }

  publish(stream: string, ref: string, text: string, name: string | undefined): void {
    this.#ask(stream, { Type: "message", Text: text, Name: name }, ref);
  }

  close(): void {
    this.#isOver = true;
    this.#watchdog.stop();
    this.#socket.close();
  }

  /** Sends a frame about a stream. The server answers it. */
  #ask(stream: string, frame: object, ref: Ref = ++this.#ref): void {
    this.#unanswered.set(ref, [stream, Date.now()]);
    this.#send(
      { ...frame, Stream: stream, Ref: ref, Access: this.#request.http.access.get(stream)?.token },
      ref,
    );
  }

  #send(frame: object, ref?: Ref): void {
    const json = JSON.stringify(frame);
    // No valid frame is so long, and the server would close the connection, again and again.
    if (new Blob([json]).size <= MAX_FRAME) this.#socket.send(json);
    else queueMicrotask(() => this.#answer(ref, new MaltenError("body_too_large", "Frame too large")));
  }

  #receive(data: unknown): void {
    this.#watchdog.heard();
    try {
      for (const line of String(data).split("\n")) {
        // A callback may have closed this.
        if (this.#isOver) return;
        this.#frame(decode<Frame>(line, "Type"));
      }
    } catch (error) {
      this.#fail(MaltenError.of(error));
    }
  }

  #frame(frame: Frame): void {
    const { handler } = this.#request;
    if (!this.server && frame.Type !== "welcome") throw notMalten();
    switch (frame.Type) {
      case "message":
      case "event": {
        const ref = this.#subscriptions.get(frame.Stream);
        if (ref && !this.#unanswered.has(ref)) handler.received(frame.Stream, frame);
        return;
      }
      case "welcome":
        this.server = frame.Server;
        return handler.opened(frame.Server);
      case "ack":
        return this.#answer(frame.Ref, frame);
      case "error":
        return this.#answer(frame.Ref, new MaltenError(frame.Code, frame.Text, undefined, frame.RetryAfter));
    }
  }

  #answer(ref: Ref = 0, answer: PublishAnswer | MaltenError): void {
    const { handler } = this.#request;
    const [stream = "", since = 0] = this.#unanswered.get(ref) ?? [];
    this.#unanswered.delete(ref);
    const isRefused = answer instanceof MaltenError;
    const isThrottle = isRefused && answer.retryAfter !== undefined;
    if (typeof ref === "string") {
      // A listener waits for an answer that tells which messages are its own, but not for longer.
      const isLate = isThrottle || Date.now() > since + MAX_HOLD;
      this.#window = isLate ? Math.max(MIN_WINDOW, this.#window >> 1) : Math.min(WINDOW, this.#window + 1);
      handler.answered(stream, ref, answer);
    }
    if (!isRefused) return;
    const subscription = this.#subscriptions.get(stream) ?? Infinity;
    // Of the frames that the server refuses for now, only a subscription matters here: messages wait in their queue.
    if (isThrottle && ref !== subscription) return;
    if (isThrottle ? answer.code === "rate_limited" : answer.transient) this.#fail(answer);
    // Answers about an earlier subscription do not matter any more.
    else if (Number(ref) >= subscription) {
      // If only its presence was rejected, the server still has the subscription.
      this.unsubscribe(stream);
      handler.refused(stream, answer);
    }
  }

  /** Asks over HTTP why a WebSocket was refused, which WebSockets do not tell: the server may have asked to wait. */
  async #probe(closed: MaltenError): Promise<void> {
    const { http, silence } = this.#request;
    // Not a valid request over HTTP: it subscribes to nothing.
    try {
      await http.request("/events", { subscribe: false }, { timeout: silence / 3 });
      this.#fail(closed);
    } catch (thrown) {
      const error = MaltenError.of(thrown);
      this.#fail(error.retryAfter === undefined ? closed : error);
    }
  }

  #fail(error: MaltenError, final = false): void {
    if (this.#isOver) return;
    this.close();
    this.#request.handler.closed({ error, final, unsupported: !this.server });
  }
}
