import type { WireMessage } from "../protocol/message.ts";
import type { Connection, ConnectionOwner, ConnectionRequest, Listener } from "./connection.ts";
import { MaltenError } from "./error.ts";
import type { Http } from "./http.ts";
import type { Limits } from "./limits.ts";

/** What it takes to listen over HTTP. */
export interface Listening {
  readonly http: Http;
  readonly stream: string;
  readonly listener: Listener;
  readonly server: string;
  readonly silence: number;
  /** Ends the listening; its reason is a {@link MaltenError}. */
  readonly signal: AbortSignal;
  /** The server has begun to answer. */
  begun(): void;
  /** It asks that reconnections wait for so many milliseconds. */
  retry(milliseconds: number): void;
}

/** A way to listen over HTTP. Resolves where the listener wants no more for now. @throws MaltenError */
export type Source = (listening: Listening) => Promise<void>;

/** Listens by one request or a row of them, and sends each message by a request of its own. */
export class HttpConnection implements Connection {
  /** One after the other, so that they keep their order. */
  readonly window = 1;
  readonly hasRoom = true;
  private readonly life = new AbortController();
  private listening: AbortController | undefined = undefined;
  private server = "";
  private retry = 0;
  private readonly http: Http;
  private readonly source: Source;
  private readonly stream: string;
  private readonly owner: ConnectionOwner;
  private readonly silence: number;

  constructor(http: Http, source: Source, { stream, owner, silence }: ConnectionRequest) {
    this.http = http;
    this.source = source;
    this.stream = stream;
    this.owner = owner;
    this.silence = silence;
    this.open().catch((error: unknown) => this.fail(MaltenError.of(error)));
  }

  listen(listener: Listener): void {
    this.pause();
    const listening = new AbortController();
    this.listening = listening;
    const { http, stream, server, silence } = this;
    const { signal } = listening;
    let unfit = true;
    const begun = () => {
      if (unfit) this.owner.begun();
      unfit = false;
    };
    const retry = (milliseconds: number) => {
      this.retry = milliseconds;
    };
    this.source({ http, stream, listener, server, silence, signal, begun, retry }).catch(
      (thrown: unknown) => {
        const error = MaltenError.of(thrown);
        if (signal.aborted) return;
        if (error.transient) this.fail(error, unfit);
        else this.owner.refused(error);
      },
    );
  }

  pause(): void {
    this.listening?.abort(new MaltenError("aborted", "Not listening"));
    this.listening = undefined;
  }

  publish(ref: string, text: string): void {
    this.post(ref, text).catch((error: unknown) => this.fail(MaltenError.of(error)));
  }

  close(): void {
    this.pause();
    this.life.abort(new MaltenError("closed", "The connection is closed"));
  }

  private async open(): Promise<void> {
    const { signal } = this.life;
    const { server } = await this.http.json<Limits>("/limits", ["server"], {}, { signal });
    if (signal.aborted) return;
    this.server = server;
    this.owner.opened(server);
  }

  private async post(ref: string, text: string): Promise<void> {
    const { stream, server, http, silence } = this;
    const { signal } = this.life;
    const options = { method: "POST", signal, timeout: silence } as const;
    try {
      const { Id, Created } = await http.json<WireMessage>(
        "/messages",
        ["Id", "Created"],
        { stream, text, ref, server },
        options,
      );
      if (!signal.aborted) this.owner.answered(ref, { id: Id, created: Created });
    } catch (thrown) {
      const error = MaltenError.of(thrown);
      if (signal.aborted || !error.isFromServer) throw error;
      this.owner.answered(ref, error);
      // Whoever answers is another server, or soon will be.
      if (error.code === "server_changed" || error.code === "shutting_down") throw error;
    }
  }

  private fail(error: MaltenError, unfit = false): void {
    if (this.life.signal.aborted) return;
    this.close();
    this.owner.closed({ error, unfit, retry: this.retry });
  }
}
