import { LINES_SUBPROTOCOL, type Ref, type ServerFrame } from "../protocol/socket.ts";
import type { Acknowledged, Connection, ConnectionRequest, Listener } from "./connection.ts";
import { MaltenError } from "./error.ts";
import { decode } from "./http.ts";
import { watch, type Watchdog } from "./watchdog.ts";

/** Messages that may be without an answer. */
const WINDOW = 256;

/** Bytes that may wait in the socket until no more messages are put into it. */
const BUFFER = 64 * 1024;

/** A WebSocket that listens to nothing until it is asked to, so that who only sends is not counted as listening. */
export class SocketConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #request: ConnectionRequest;
  readonly #watchdog: Watchdog;
  #server = "";
  #listener: Listener | undefined = undefined;
  /** Frames of this connection's own have numbers for Refs; messages have strings. */
  #ref = 0;
  /** What comes before this Ref is answered is of a subscription that is over. */
  #staleUntil = 0;
  #over = false;

  constructor(request: ConnectionRequest) {
    this.#request = request;
    const url = `${request.http.base.replace(/^http/, "ws")}/events?subscribe=false`;
    this.#socket = new WebSocket(url, LINES_SUBPROTOCOL);
    this.#watchdog = watch(
      request.silence,
      (error) => this.#fail(error),
      () => this.#send({ Type: "ping" }),
    );
    this.#socket.addEventListener("message", ({ data }) => this.#receive(data));
    this.#socket.addEventListener("close", ({ code, reason }) => {
      // 4500–4999: it is of no use to come back.
      this.#fail(new MaltenError("unreachable", `Connection closed: ${reason || code}`), code >= 4500);
    });
  }

  get window(): number {
    return this.#socket.bufferedAmount < BUFFER ? WINDOW : 0;
  }

  listen(listener: Listener): void {
    const { name, status } = listener.person;
    const subscribes = this.#listener === undefined;
    this.#listener = listener;
    this.#send({
      Type: subscribes ? "subscribe" : "presence",
      Stream: this.#request.stream,
      Last: subscribes ? listener.resume(this.#server) : undefined,
      Name: name,
      Status: status,
    });
  }

  pause(): void {
    if (this.#listener === undefined) return;
    this.#listener = undefined;
    this.#staleUntil = this.#send({ Type: "unsubscribe", Stream: this.#request.stream });
  }

  publish(ref: string, text: string): void {
    this.#put({ Type: "message", Stream: this.#request.stream, Text: text, Ref: ref });
  }

  close(): void {
    this.#over = true;
    this.#watchdog.stop();
    this.#socket.close();
  }

  #put(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Answers the frame's Ref. */
  #send(frame: object): number {
    this.#put({ ...frame, Ref: ++this.#ref });
    return this.#ref;
  }

  #receive(data: unknown): void {
    this.#watchdog.heard();
    try {
      for (const line of String(data).split("\n")) {
        // Whoever was told something may have closed this.
        if (this.#over) return;
        this.#frame(decode<ServerFrame>(line, "Type"));
      }
    } catch (error) {
      this.#fail(MaltenError.of(error));
    }
  }

  #frame(frame: ServerFrame): void {
    switch (frame.Type) {
      case "message":
      case "event":
        if (this.#staleUntil === 0 && this.#listener?.take(frame) === false) this.pause();
        return;
      case "welcome":
        this.#server = frame.Server;
        return this.#request.owner.opened(frame.Server);
      case "ack":
        return this.#answer(frame.Ref, frame);
      case "error":
        return this.#answer(frame.Ref, new MaltenError(frame.Code, frame.Text));
    }
  }

  #answer(ref: Ref | undefined, answer: Acknowledged | MaltenError): void {
    const { owner } = this.#request;
    if (ref === this.#staleUntil) this.#staleUntil = 0;
    const ofListener = typeof ref !== "string" && this.#staleUntil === 0;
    if (typeof ref === "string") owner.answered(ref, answer);
    if (answer instanceof MaltenError) {
      if (answer.transient) this.#fail(answer);
      else if (ofListener) owner.refused(answer);
    } else if (ofListener) {
      if (answer.Created) this.#listener?.reached(answer.Created, this.#server);
      owner.begun();
    }
  }

  #fail(error: MaltenError, final = false): void {
    if (this.#over) return;
    this.close();
    this.#request.owner.closed({ error, final, unfit: this.#server === "" });
  }
}
