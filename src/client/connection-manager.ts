import { MAX_SUBSCRIPTIONS } from "../protocol/limits.ts";
import { backoff } from "./backoff.ts";
import { MaltenError } from "./error.ts";
import type { Http } from "./http.ts";
import type { Pace, SendQueue } from "./send-queue.ts";
import type { SharedSubscription, SubscriptionHost } from "./shared-subscription.ts";
import { openConnection, type TransportChoice, type TransportName } from "./transports/choice.ts";
import type {
  CloseInfo,
  Connection,
  ConnectionHandler,
  PublishAnswer,
  WireItem,
} from "./transports/connection.ts";

/** A connection that lived at least this long resets the backoff, in milliseconds. */
const GOOD = 5000;

/** The state of a stream's connection. */
export type StreamState =
  /** Not in use. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Live, but the server asked not to send before `retryAt`: messages wait until then. */
  | ThrottledState
  /** The connection broke, or could not be opened; the next attempt is at `retryAt`. */
  | { readonly kind: "reconnecting"; readonly retryAt: Date; readonly error: MaltenError }
  | { readonly kind: "closed"; readonly error: MaltenError | undefined };

type ThrottledState = { readonly kind: "throttled"; readonly retryAt: Date; readonly error: MaltenError };

/** Shared by all connections of a {@link Malten}. */
export interface ClientContext {
  readonly http: Http;
  readonly transports: TransportChoice;
  /** The ids of the messages that were sent last. */
  readonly ownIds: Set<string>;
  readonly pace: Pace;
  /** How long a connection may be silent before it counts as dead, in milliseconds. */
  readonly silence: number;
  /** Returns a connection with room for one more stream. */
  acquire(): ConnectionManager;
  /** The stream of this name is closed. */
  forget(name: string): void;
}

/** A stream that uses a connection. */
export interface ManagedStream {
  readonly subscription: SharedSubscription;
  readonly sends: SendQueue;
  /** Called when the state may have changed. */
  update(): void;
  /** Called when the server closed the connection and must not be reconnected to. */
  close(error: MaltenError): void;
}

/** Keeps one connection open while streams use it. Reconnects when it breaks, with a transport that works. */
export class ConnectionManager implements ConnectionHandler, SubscriptionHost {
  readonly #streams = new Map<string, ManagedStream>();
  /** The state of the connection; `live` once it is open. */
  state: Exclude<StreamState, { kind: "closed" }> = { kind: "idle" };
  /** While sending is paused. */
  throttled: ThrottledState | undefined;
  #transport: TransportName = "poll";
  #connection: Connection | undefined;
  /** Attempts since the last successful connection. */
  #failures = 0;
  /** When the connection was opened. */
  #since = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #throttleTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #context: ClientContext;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** The connection, once it is open. */
  get open(): Connection | undefined {
    return this.#connection?.server ? this.#connection : undefined;
  }

  get silence(): number {
    return this.#context.silence;
  }

  /** Whether one more stream can subscribe. */
  get hasRoom(): boolean {
    return this.#streams.size < MAX_SUBSCRIPTIONS;
  }

  /** Registers a stream that uses the connection, until {@link release}. */
  use(stream: ManagedStream): void {
    this.#streams.set(stream.subscription.stream, stream);
    stream.subscription.attach(this);
    if (this.state.kind === "idle") this.#connect();
    this.pump();
  }

  /** Unregisters a stream. Closes the connection with the last one. */
  release(stream: ManagedStream): void {
    this.#streams.delete(stream.subscription.stream);
    if (this.#streams.size > 0) return;
    this.#drop();
    this.#become({ kind: "idle" });
  }

  opened(server: string): void {
    this.#since = Date.now();
    let isWanted = false;
    for (const { subscription, sends } of this.#streams.values()) {
      isWanted ||= subscription.isWanted;
      subscription.attach(this);
      sends.opened(server);
    }
    // Otherwise the first subscription shows whether this transport gets through.
    if (!isWanted) this.#works();
    this.#become({ kind: "live" });
    this.pump();
  }

  received(name: string, item: WireItem): void {
    const stream = this.#streams.get(name);
    if (stream?.subscription.received(item)) this.#failures = 0;
    if (item.Type === "message" || item.Text !== "welcome") return;
    this.#works();
    stream?.update();
    this.pump();
  }

  answered(name: string, ref: string, answer: PublishAnswer | MaltenError): void {
    if (!(answer instanceof MaltenError)) this.#failures = 0;
    else if (answer.retryAfter !== undefined) this.#throttle(answer, answer.retryAfter * 1000);
    const stream = this.#streams.get(name);
    stream?.sends.answered(ref, answer);
    stream?.subscription.release();
    stream?.update();
    this.pump();
  }

  refused(stream: string, error: MaltenError): void {
    this.#streams.get(stream)?.subscription.refused(error);
    this.#streams.get(stream)?.update();
    this.pump();
  }

  closed({ error, final, unsupported: isBlocked, retry }: CloseInfo): void {
    this.#drop();
    // One that asks to wait is not blocked.
    const unsupported = isBlocked && error.retryAfter === undefined;
    if (final) {
      this.state = { kind: "idle" };
      for (const stream of this.#streams.values()) stream.close(error);
      return;
    }
    const { transports } = this.#context;
    if (unsupported && transports.fails(this.#transport, this.#failures)) return this.#connect();
    if (!unsupported) transports.unreachable();
    const now = Date.now();
    if (now - this.#since > GOOD) this.#failures = 0;
    this.#since = Infinity;
    const delay = backoff(this.#failures++, Math.max(retry ?? 0, (error.retryAfter ?? 0) * 1000));
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#become({ kind: "reconnecting", retryAt: new Date(now + delay), error });
  }

  #works(): void {
    this.#context.transports.works(this.#transport);
  }

  /** Sends as many messages as the connection accepts. */
  pump(): void {
    const { open } = this;
    if (!open) return;
    if (this.throttled) {
      const wait = Number(this.throttled.retryAt) - Date.now();
      clearTimeout(this.#throttleTimer);
      if (wait > 0) {
        this.#throttleTimer = setTimeout(() => this.pump(), wait);
        return;
      }
      this.throttled = undefined;
      this.#become(this.state);
    }
    for (const [name, { sends }] of this.#streams) sends.pump(name, open);
  }

  /** Pauses sending for as long as the server asks. */
  #throttle(error: MaltenError, least: number): void {
    const now = Date.now();
    // The answers to all messages on their way ask for the same.
    if (this.throttled && now + least <= Number(this.throttled.retryAt)) return;
    const delay = backoff(this.throttled ? 0 : this.#failures++, least);
    this.#context.pace.at = now + delay;
    this.throttled = { kind: "throttled", retryAt: new Date(now + delay), error };
  }

  #connect(): void {
    this.#transport = this.#context.transports.current;
    try {
      this.#connection = openConnection(this.#transport, { ...this.#context, handler: this });
    } catch (error) {
      // Browsers throw for an insecure WebSocket in a secure page.
      return this.closed({ error: MaltenError.of(error), unsupported: true });
    }
    this.#become({ kind: "connecting" });
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#throttleTimer);
    this.#connection?.close();
    this.#connection = undefined;
    for (const { subscription, sends } of this.#streams.values()) {
      subscription.lost();
      sends.lost();
    }
  }

  #become(state: Exclude<StreamState, { kind: "closed" }>): void {
    this.state = state;
    // A callback may close streams.
    for (const stream of this.#streams.values()) stream.update();
  }
}
