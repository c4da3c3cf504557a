import { backoff } from "./backoff.ts";
import type { Closure, Acknowledged, Connection, ConnectionOwner, ConnectionRequest } from "./connection.ts";
import { MaltenError } from "./error.ts";
import type { Appearance } from "./event.ts";
import type { Http } from "./http.ts";
import { HttpConnection } from "./http-connection.ts";
import { Outbox, type Sent } from "./outbox.ts";
import { poll } from "./poll.ts";
import { readEvents } from "./sse.ts";
import type { Subscription, SubscriptionOwner } from "./subscription.ts";
import type { TransportName, Transports } from "./transports.ts";
import { SocketConnection } from "./websocket.ts";

/** A connection with nothing to do is closed after so many milliseconds. */
const IDLE = 2000;

/** A connection that lived for so many milliseconds was of use: the next waits are short again. */
const GOOD = 5000;

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
  readonly #outbox = new Outbox();
  #current: StreamState = { kind: "idle" };
  #connection: Connection | undefined = undefined;
  #transport: TransportName = "poll";
  /** The server of the connection, once that is open. */
  #server: string | undefined = undefined;
  #listener: Subscription<unknown> | undefined = undefined;
  /** Attempts since the last connection that was of use. */
  #failures = 0;
  /** Since when it is live; 0 is not. */
  #since = 0;
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
    this.listenAgain();
    this.#pump();
  }

  announce(person: Appearance): void {
    if (this.#listener) this.#listener.person = person;
    this.listenAgain();
  }

  send(text: string, timeout: number, signal: AbortSignal | undefined): Promise<Sent> {
    const sent = this.#outbox.add(text, timeout, signal);
    this.#pump();
    return sent;
  }

  /** For good: nothing is sent and nobody listens any more. */
  close(error?: MaltenError): void {
    this.#drop();
    this.#listener?.end(error);
    this.#listener = undefined;
    this.#outbox.close(error ?? new MaltenError("closed", "Closed"));
    this.#become({ kind: "closed", error });
  }

  opened(server: string): void {
    this.#server = server;
    this.#outbox.opened(server);
    if (this.#listener === undefined) this.begun();
    else this.listenAgain();
    this.#pump();
  }

  begun(): void {
    this.#since ||= Date.now();
    this.#context.transports.works(this.#transport);
    this.#become({ kind: "live" });
  }

  answered(ref: string, answer: Acknowledged | MaltenError): void {
    // A server that answers is not one that drowns.
    if (!(answer instanceof MaltenError)) this.#failures = 0;
    this.#outbox.answered(ref, answer);
    this.#pump();
  }

  refused(error: MaltenError): void {
    this.#listener?.end(error);
    this.left();
  }

  closed({ error, final, unfit, retry }: Closure): void {
    this.#drop();
    if (final) return this.close(error);
    const { transports } = this.#context;
    if (unfit && transports.fails(this.#transport, this.#failures)) return this.#connect();
    if (!unfit) transports.unreachable();
    if (this.#isIdle) return this.#rest();
    const now = Date.now();
    if (this.#since && now - this.#since > GOOD) this.#failures = 0;
    this.#since = 0;
    const wait = backoff(this.#failures++, retry);
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#become({ kind: "reconnecting", retryAt: new Date(now + wait), error });
  }

  listenAgain(): void {
    if (this.#server && this.#listener) this.#connection?.listen(this.#listener);
  }

  left(): void {
    this.#listener = undefined;
    this.#connection?.pause();
    this.#pump();
  }

  get #isIdle(): boolean {
    return this.#listener === undefined && this.#outbox.isEmpty;
  }

  /** Sends what there is to send, and sees to it that there is a connection just as long as there is a use for it. */
  #pump(): void {
    const { kind } = this.#current;
    if (kind === "closed") return this.close();
    if (kind === "idle") return this.#isIdle ? undefined : this.#connect();
    if (this.#connection && this.#server) this.#outbox.pump(this.#connection, this.#server);
    // It may also be the timer of the next attempt.
    if (this.#isIdle || this.#connection) clearTimeout(this.#timer);
    if (this.#isIdle) this.#timer = setTimeout(() => this.#rest(), IDLE);
  }

  #rest(): void {
    this.#drop();
    this.#become({ kind: "idle" });
    // Somebody may have come while there was no connection.
    this.#pump();
  }

  #connect(): void {
    this.#transport = this.#context.transports.current;
    this.#connection = openConnection(this.#transport, {
      ...this.#context,
      stream: this.#stream,
      owner: this,
    });
    this.#become({ kind: "connecting" });
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = undefined;
    this.#server = undefined;
    this.#outbox.lost();
  }

  /** The last of each step: whoever is told may close the stream there and then. */
  #become(state: StreamState): void {
    if (state.kind === this.#current.kind) return;
    this.#current = state;
    this.#changed(state);
  }
}

function openConnection(transport: TransportName, request: ConnectionRequest): Connection {
  if (transport === "websocket") return new SocketConnection(request);
  return new HttpConnection(request, transport === "sse" ? readEvents : poll);
}
