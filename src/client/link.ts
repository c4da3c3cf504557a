import { Backoff } from "./backoff.ts";
import type {
  Closure,
  Connection,
  ConnectionOwner,
  ConnectionRequest,
  Listener,
  Sent,
} from "./connection.ts";
import { MaltenError } from "./error.ts";
import type { Person } from "./event.ts";
import type { Http } from "./http.ts";
import { HttpConnection } from "./http-connection.ts";
import { Outbox } from "./outbox.ts";
import { poll } from "./poll.ts";
import { readEvents } from "./sse.ts";
import type { Subscription, SubscriptionOwner } from "./subscription.ts";
import type { TransportName, Transports } from "./transports.ts";
import { SocketConnection } from "./websocket.ts";

/** A connection with nothing to do is closed after so many milliseconds. */
const IDLE = 2000;

/** How a stream is connected. */
export type StreamState =
  /** There is nothing to do, so there is no connection. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** The connection broke, or could not be opened; the next attempt is at `retryAt`. */
  | { readonly kind: "reconnecting"; readonly retryAt: Date; readonly error: MaltenError }
  | { readonly kind: "closed"; readonly error: MaltenError | undefined };

/** What all links of a {@link Malten} share. */
export interface LinkContext {
  readonly http: Http;
  readonly transports: Transports;
  /** A connection that is silent for so long is dead, in milliseconds. */
  readonly silence: number;
}

/** Keeps a stream connected while somebody listens or a message waits: opens connections, by whichever transport works, one after the other. */
export class Link implements ConnectionOwner, SubscriptionOwner {
  readonly outbox = new Outbox();
  #current: StreamState = { kind: "idle" };
  #connection: Connection | undefined = undefined;
  #transport: TransportName = "poll";
  /** The server of the connection, once that is open. */
  #server: string | undefined = undefined;
  #listener: Subscription<unknown> | undefined = undefined;
  readonly #backoff = new Backoff();
  /** The next attempt, or the end of a connection with nothing to do. */
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  readonly #context: LinkContext;
  readonly #stream: string;
  readonly #changed: (state: StreamState) => void;

  constructor(context: LinkContext, stream: string, changed: (state: StreamState) => void) {
    this.#context = context;
    this.#stream = stream;
    this.#changed = changed;
  }

  get state(): StreamState {
    return this.#current;
  }

  get hasListener(): boolean {
    return this.#listener !== undefined;
  }

  /** There is one who listens at the most. */
  listen(subscription: Subscription<unknown>): void {
    this.#listener = subscription;
    this.#listenAgain();
    this.#pump();
  }

  announce(person: Person | undefined): void {
    if (this.#listener) this.#listener.person = person;
    this.#listenAgain();
  }

  send(text: string, timeout: number, signal: AbortSignal | undefined): Promise<Sent> {
    const sent = this.outbox.add(text, timeout, signal);
    this.#pump();
    return sent;
  }

  /** For good: nothing is sent and nobody listens any more. */
  close(error?: MaltenError): void {
    this.#drop();
    this.#listener?.end(error);
    this.#listener = undefined;
    this.outbox.close(error ?? new MaltenError("closed", "The stream is closed"));
    this.#become({ kind: "closed", error });
  }

  opened(server: string): void {
    this.#server = server;
    this.outbox.opened(server);
    if (this.#listener === undefined) this.begun();
    else this.#listenAgain();
    this.#pump();
  }

  begun(): void {
    this.#backoff.opened(Date.now());
    this.#context.transports.works(this.#transport);
    this.#become({ kind: "live" });
  }

  answered(ref: string, answer: Sent | MaltenError): void {
    if (!(answer instanceof MaltenError)) this.#backoff.worked();
    this.outbox.answered(ref, answer);
    this.#pump();
  }

  refused(error: MaltenError): void {
    this.#listener?.end(error);
    this.left(this.#listener);
  }

  closed({ error, final = false, unfit = false, retry = 0 }: Closure): void {
    this.#drop();
    if (final) return this.close(error);
    const { transports } = this.#context;
    if (unfit && transports.fails(this.#transport, this.#backoff.attempts)) return this.#connect();
    if (!unfit) transports.unreachable();
    if (this.#isIdle) return this.#rest();
    const wait = this.#backoff.next(Date.now(), retry);
    this.#become({ kind: "reconnecting", retryAt: new Date(Date.now() + wait), error });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  drained(subscription: Listener): void {
    if (subscription === this.#listener) this.#listenAgain();
  }

  left(subscription: Listener | undefined): void {
    if (subscription !== this.#listener) return;
    this.#listener = undefined;
    this.#connection?.pause();
    this.#pump();
  }

  get #isIdle(): boolean {
    return this.#listener === undefined && this.outbox.isEmpty;
  }

  #listenAgain(): void {
    if (this.#server && this.#listener) this.#connection?.listen(this.#listener);
  }

  /** Sends what there is to send, and sees to it that there is a connection just as long as there is a use for it. */
  #pump(): void {
    const { kind } = this.#current;
    if (kind === "closed") return this.close();
    if (kind === "idle") return this.#isIdle ? undefined : this.#connect();
    if (this.#connection && this.#server) this.outbox.pump(this.#connection, this.#server);
    // It may also be the timer of the next attempt.
    if (this.#isIdle || this.#connection) clearTimeout(this.#timer);
    if (this.#isIdle) this.#timer = setTimeout(() => this.#rest(), IDLE);
  }

  #rest(): void {
    this.#drop();
    this.#become({ kind: "idle" });
  }

  #connect(): void {
    const { http, transports, silence } = this.#context;
    const request = { http, stream: this.#stream, owner: this, silence };
    this.#transport = transports.current;
    this.#become({ kind: "connecting" });
    this.#connection = openConnection(this.#transport, request);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = undefined;
    this.#server = undefined;
    this.outbox.lost();
  }

  #become(state: StreamState): void {
    if (state.kind === this.#current.kind && state.kind !== "reconnecting") return;
    this.#current = state;
    this.#changed(state);
  }
}

function openConnection(transport: TransportName, request: ConnectionRequest): Connection {
  switch (transport) {
    case "websocket":
      return new SocketConnection(request);
    case "sse":
      return new HttpConnection(request, readEvents);
    case "poll":
      return new HttpConnection(request, poll);
  }
}
