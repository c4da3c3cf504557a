import type { WireMessage } from "../protocol/message.ts";
import type { Connection, ConnectionRequest, Listener } from "./connection.ts";
import { MaltenError } from "./error.ts";
import { readLimits } from "./limits.ts";

/** What it takes to listen over HTTP. */
export interface Listening extends ConnectionRequest {
  readonly listener: Listener;
  readonly server: string;
  /** Ends the listening. */
  readonly signal: AbortSignal;
  /** The server has begun to answer. */
  readonly begun: () => void;
  /** It asks that reconnections wait for so many milliseconds. */
  readonly retry: (milliseconds: number) => void;
}

/** A way to listen over HTTP. Resolves where the listener wants no more for now. @throws MaltenError */
export type Source = (listening: Listening) => Promise<void>;

/** Listens by one request or a row of them, and sends each message by a request of its own. */
export class HttpConnection implements Connection {
  /** One after the other, so that they keep their order. */
  readonly window = 1;
  readonly #life = new AbortController();
  #listening = new AbortController();
  #server = "";
  #retry = 0;
  readonly #request: ConnectionRequest;
  readonly #source: Source;

  constructor(request: ConnectionRequest, source: Source) {
    this.#request = request;
    this.#source = source;
    this.#try(this.#open());
  }

  listen(listener: Listener): void {
    this.pause();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    let begins = true;
    const begun = () => {
      begins = false;
      this.#request.owner.begun();
    };
    const retry = (milliseconds: number) => {
      this.#retry = milliseconds;
    };
    this.#source({ ...this.#request, listener, server: this.#server, signal, begun, retry }).catch(
      (thrown: unknown) => {
        const error = MaltenError.of(thrown);
        if (signal.aborted) return;
        // A server that says so itself is not kept from it by what is in between.
        if (error.transient) this.#fail(error, begins && error.code !== "shutting_down");
        else this.#request.owner.refused(error);
      },
    );
  }

  pause(): void {
    this.#listening.abort();
  }

  publish(ref: string, text: string): void {
    this.#try(this.#post(ref, text));
  }

  close(): void {
    this.pause();
    this.#life.abort();
  }

  async #open(): Promise<void> {
    const { http, owner } = this.#request;
    const { signal } = this.#life;
    const { server } = await readLimits(http, signal);
    if (signal.aborted) return;
    this.#server = server;
    owner.opened(server);
  }

  async #post(ref: string, text: string): Promise<void> {
    const { http, owner, stream, silence } = this.#request;
    const { signal } = this.#life;
    const parameters = { stream, text, ref, server: this.#server };
    const answer = await http
      .json<WireMessage>("/messages", ["Id", "Created"], parameters, {
        method: "POST",
        signal,
        timeout: silence,
      })
      .catch((error: unknown) => MaltenError.of(error));
    if (signal.aborted) return;
    owner.answered(ref, answer);
    if (answer instanceof MaltenError && answer.transient) throw answer;
  }

  #try(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(MaltenError.of(error)));
  }

  #fail(error: MaltenError, unfit = false): void {
    if (this.#life.signal.aborted) return;
    this.close();
    this.#request.owner.closed({ error, unfit, retry: this.#retry });
  }
}
