import { LINES_SUBPROTOCOL, type Ref, type ServerFrame } from "../protocol/socket.ts";
import type {
  Closure,
  Connection,
  ConnectionOwner,
  ConnectionRequest,
  Listener,
  Sent,
} from "./connection.ts";
import { MaltenError } from "./error.ts";
import { decode, type Http } from "./http.ts";
import { Watchdog } from "./watchdog.ts";

/** Bytes that may wait in the socket until no more messages are put into it. */
const BUFFER = 64 * 1024;

/** How long a connection may take to open, in milliseconds. */
const OPENING = 10_000;

/** From here on a close code says that reconnecting is of no use. */
const FINAL_CLOSE = 4500;

/** A WebSocket that listens to nothing until it is asked to, so that who only sends is not counted as listening. */
export class SocketConnection implements Connection {
  readonly window = 256;
  private readonly socket: WebSocket;
  private readonly stream: string;
  private readonly owner: ConnectionOwner;
  private readonly watchdog: Watchdog;
  private readonly opening: ReturnType<typeof setTimeout>;
  private server = "";
  private listener: Listener | undefined = undefined;
  /** Frames of this connection's own have numbers for Refs; messages have strings. */
  private ref = 0;
  /** What comes before this Ref is answered is of a subscription that is over. */
  private staleUntil: number | undefined = undefined;
  private subscribed = 0;
  private over = false;

  constructor(http: Http, { stream, owner, silence }: ConnectionRequest) {
    this.stream = stream;
    this.owner = owner;
    this.socket = new WebSocket(
      `${http.base.replace(/^http/, "ws")}/events?subscribe=false`,
      LINES_SUBPROTOCOL,
    );
    this.watchdog = new Watchdog(
      silence,
      () => this.fail(new MaltenError("unreachable", "The connection is silent")),
      () => this.socket.readyState === WebSocket.OPEN && this.send({ Type: "ping" }),
    );
    this.opening = setTimeout(
      () => {
        this.fail(new MaltenError("unreachable", "The connection does not open"));
      },
      Math.min(silence, OPENING),
    );
    this.socket.addEventListener("message", ({ data }) => this.receive(data));
    this.socket.addEventListener("close", ({ code, reason }) => {
      const error = new MaltenError("unreachable", `The connection closed: ${reason || code}`);
      this.fail(error, { final: code >= FINAL_CLOSE && code < 5000 });
    });
  }

  get hasRoom(): boolean {
    return this.socket.bufferedAmount < BUFFER;
  }

  listen(listener: Listener): void {
    const again = this.listener !== undefined;
    this.listener = listener;
    const { person } = listener;
    if (!again) {
      const last = listener.resume(this.server);
      this.subscribed = this.send({
        Type: "subscribe",
        Stream: this.stream,
        ...(last !== undefined && { Last: last }),
      });
      if (person === undefined) return;
    }
    this.send({
      Type: "presence",
      Stream: this.stream,
      Name: person?.name,
      Status: person?.status ?? "online",
    });
  }

  pause(): void {
    if (this.listener === undefined) return;
    this.listener = undefined;
    this.staleUntil = this.send({ Type: "unsubscribe", Stream: this.stream });
  }

  publish(ref: string, text: string): void {
    this.socket.send(JSON.stringify({ Type: "message", Stream: this.stream, Text: text, Ref: ref }));
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.opening);
    this.watchdog.stop();
    this.socket.close();
  }

  /** Answers the frame's Ref. */
  private send(frame: Readonly<Record<string, string | undefined>>): number {
    this.socket.send(JSON.stringify({ ...frame, Ref: ++this.ref }));
    return this.ref;
  }

  private receive(data: unknown): void {
    this.watchdog.heard();
    try {
      // Whoever was told something may have closed this.
      for (const line of String(data).split("\n"))
        if (!this.over) this.frame(decode<ServerFrame>(line, "Type"));
    } catch (error) {
      this.fail(MaltenError.of(error));
    }
  }

  private frame(frame: ServerFrame): void {
    switch (frame.Type) {
      case "message":
      case "event":
        if (this.staleUntil === undefined && this.listener?.take(frame) === false) this.pause();
        return;
      case "welcome":
        clearTimeout(this.opening);
        this.server = frame.Server;
        return this.owner.opened(frame.Server);
      case "ack":
        return this.answer(frame.Ref, { id: frame.Id ?? "", created: frame.Created ?? "" });
      case "error":
        return this.answer(frame.Ref, new MaltenError(frame.Code, frame.Text));
    }
  }

  private answer(ref: Ref | undefined, answer: Sent | MaltenError): void {
    if (typeof ref === "string") return this.owner.answered(ref, answer);
    if (ref === this.staleUntil) this.staleUntil = undefined;
    if (answer instanceof MaltenError) {
      if (answer.transient) this.fail(answer);
      else this.owner.refused(answer);
    } else if (ref === this.subscribed) {
      if (answer.created !== "") this.listener?.reached(answer.created, this.server);
      this.owner.begun();
    }
  }

  private fail(error: MaltenError, closure: Omit<Closure, "error"> = {}): void {
    if (this.over) return;
    this.close();
    this.owner.closed({ error, unfit: this.server === "", ...closure });
  }
}
