import type { WireMessage } from "../../protocol/message.ts";
import { MaltenError } from "../error.ts";
import type { Limits } from "../limits.ts";
import type { Connection, ConnectionRequest, SubscribeOptions, WireItem } from "./connection.ts";

/** A request to listen to one stream over HTTP. */
export interface ListenRequest extends Pick<ConnectionRequest, "http" | "silence">, SubscribeOptions {
  readonly stream: string;
  readonly signal: AbortSignal;
  /** Called when the server sets the reconnection delay, in milliseconds. */
  retry(this: void, milliseconds: number): void;
}

/** Listens over HTTP: yields messages and events until it is aborted. @throws MaltenError, or what an aborted `fetch` throws */
export type HttpTransport = (request: ListenRequest) => AsyncIterable<WireItem>;

interface HttpSubscription {
  readonly stop: AbortController;
  hasBegun: boolean;
}

/** Listens to each stream with its own request, and sends each message with another. */
export class HttpConnection implements Connection {
  readonly #life = new AbortController();
  readonly #subscriptions = new Map<string, HttpSubscription>();
  /** Streams with a message in flight: one at a time, so that messages stay in order. */
  readonly #publishing = new Set<string>();
  server = "";
  #retry = 0;
  readonly #request: ConnectionRequest;
  readonly #transport: HttpTransport;

  constructor(request: ConnectionRequest, transport: HttpTransport) {
    this.#request = request;
    this.#transport = transport;
    this.#try(this.#open());
  }

  subscribe(stream: string, options: SubscribeOptions): void {
    this.unsubscribe(stream);
    const subscription = { stop: new AbortController(), hasBegun: false };
    this.#subscriptions.set(stream, subscription);
    this.#listen(stream, options, subscription).catch((thrown: unknown) => {
      if (subscription.stop.signal.aborted) return;
      const error = MaltenError.of(thrown);
      // A rejection by the server itself shows that the transport works.
      if (error.transient) this.#fail(error, !subscription.hasBegun && error.code !== "shutting_down");
      else {
        this.unsubscribe(stream);
        this.#request.handler.refused(stream, error);
      }
    });
  }

  unsubscribe(stream: string): void {
    this.#subscriptions.get(stream)?.stop.abort();
    this.#subscriptions.delete(stream);
  }

  /** A message sent after a call of `listen` must be received there, so listening must begin first. */
  canPublish(stream: string): boolean {
    return !this.#publishing.has(stream) && this.#subscriptions.get(stream)?.hasBegun !== false;
  }

  publish(stream: string, ref: string, text: string, name: string | undefined): void {
    this.#publishing.add(stream);
    this.#try(this.#publish(stream, ref, text, name));
  }

  close(): void {
    this.#life.abort();
    for (const { stop } of this.#subscriptions.values()) stop.abort();
  }

  async #listen(stream: string, options: SubscribeOptions, subscription: HttpSubscription): Promise<void> {
    const { signal } = subscription.stop;
    const retry = (milliseconds: number) => {
      this.#retry = milliseconds;
    };
    for await (const item of this.#transport({ ...this.#request, ...options, stream, signal, retry })) {
      if (signal.aborted) return;
      subscription.hasBegun = true;
      this.#request.handler.received(stream, item);
    }
  }

  async #open(): Promise<void> {
    const { http, handler, silence } = this.#request;
    const { signal } = this.#life;
    const timeout = Math.ceil(silence / 3);
    const { server } = await http.json<Limits>("/limits", ["server"], {}, { signal, timeout });
    this.server = server;
    if (!signal.aborted) handler.opened(server);
  }

  async #publish(stream: string, ref: string, text: string, name: string | undefined): Promise<void> {
    const { http, handler, silence } = this.#request;
    const { signal } = this.#life;
    const parameters = { stream, text, name, ref, server: this.server };
    const answer = await http
      .json<WireMessage>("/messages", ["Id", "Created"], parameters, {
        method: "POST",
        signal,
        timeout: silence,
      })
      .catch((error: unknown) => MaltenError.of(error));
    if (signal.aborted) return;
    this.#publishing.delete(stream);
    handler.answered(stream, ref, answer);
    if (answer instanceof MaltenError && answer.transient && answer.retryAfter === undefined) throw answer;
  }

  #try(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(MaltenError.of(error)));
  }

  #fail(error: MaltenError, unsupported = false): void {
    if (this.#life.signal.aborted) return;
    this.close();
    this.#request.handler.closed({ error, unsupported, retry: this.#retry });
  }
}
