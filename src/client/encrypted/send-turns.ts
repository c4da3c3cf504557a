import type { ClientStream } from "../client-stream.ts";
import { MaltenError } from "../index.ts";
import type { SendOptions } from "../send-queue.ts";

/** How long a message waits by default while there is no connection, in milliseconds: as on a plain stream. */
const PATIENCE = 30_000;

/** The longest delay of a timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Lets messages be sealed in order, and only when they can be sent. A message that is given up leaves a hole in the counter of its
 * sender, which the next message explains, unless that is sealed already: then receivers take the hole for a missing message.
 */
export class SendTurns {
  readonly #stream: ClientStream;
  /** Begins to send a message; settles once it is in the queue of the stream. */
  readonly #waiting = new Set<() => Promise<unknown>>();
  #isBusy = false;
  /** Since when there is no connection, in milliseconds since 1970. */
  #offlineSince: number | undefined;

  constructor(stream: ClientStream) {
    this.#stream = stream;
    stream.onState(() => {
      this.#look();
      // Not at once: messages that are given up with this change are known then.
      setTimeout(() => this.#next());
    });
  }

  /** Calls `send` in its turn, with the options that remain. @throws MaltenError `timeout`, `aborted`, or what `send` throws */
  take<T>({ signal, timeout }: SendOptions, send: (options: SendOptions) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const added = Date.now();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const leave = () => {
        this.#waiting.delete(begin);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => {
        leave();
        reject(MaltenError.aborted(signal));
      };
      const check = () => {
        const now = Date.now();
        const deadline = timeout === undefined ? this.#patienceOf(added, now) : added + timeout;
        if (now < deadline) timer = setTimeout(check, Math.min(deadline - now, MAX_DELAY));
        else {
          leave();
          reject(new MaltenError("timeout", "Timed out"));
        }
      };
      const begin = () => {
        leave();
        const left = timeout === undefined ? undefined : added + timeout - Date.now();
        const sent = send({ signal, timeout: left });
        resolve(sent);
        return sent;
      };
      this.#waiting.add(begin);
      signal?.addEventListener("abort", abort);
      check();
      if (signal?.aborted) abort();
      this.#next();
    });
  }

  #patienceOf(added: number, now: number): number {
    return Math.max(added, this.#offlineSince ?? now) + PATIENCE;
  }

  #look(): void {
    const { kind } = this.#stream.state;
    if (kind !== "connecting" && kind !== "reconnecting") this.#offlineSince = undefined;
    else this.#offlineSince ??= Date.now();
  }

  #next(): void {
    this.#look();
    const isHeld = this.#offlineSince !== undefined || this.#stream.state.kind === "throttled";
    const [begin] = this.#waiting;
    if (this.#isBusy || isHeld || !begin) return;
    void this.#run(begin);
  }

  async #run(begin: () => Promise<unknown>): Promise<void> {
    this.#isBusy = true;
    // Who sends it is told of what fails.
    await begin().catch(() => {});
    this.#isBusy = false;
    this.#next();
  }
}
