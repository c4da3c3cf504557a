import { MaltenError } from "./error.ts";
import type { Connection, PublishAnswer } from "./transports/connection.ts";

/** A server remembers a Ref for two minutes; after this many milliseconds it is not relied upon any more. */
const REMEMBERED = 100_000;

/** How long a received message waits for the answer to one of the same text, which tells whether it is an own one, in milliseconds. */
export const MAX_HOLD = 3000;

/** Ids of own messages that are kept. */
const OWN_IDS = 8192;

/** A message that a server has. */
export interface Sent {
  readonly id: string;
  /** Nanoseconds since 1970. */
  readonly created: string;
}

/** How to send. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the message may wait for a server, in milliseconds. Defaults to 30,000. */
  readonly timeout?: number;
}

const SEND_TIMEOUT = 30_000;

/** Errors that say that nothing of an attempt was done, though another may succeed. */
const REFUSED: readonly MaltenError["code"][] = ["server_changed", "shutting_down"];

interface Entry {
  readonly ref: string;
  readonly text: string;
  /** The server that it was first given to, and when; it may have taken it. */
  server: string | undefined;
  since: number;
  attempts: number;
  /** When it was given to the present connection; Infinity before that. */
  given: number;
  /** Its sender has an answer. Until the server's, it may still turn out to be published. */
  isSettled: boolean;
  settle(answer: PublishAnswer | MaltenError): void;
}

/** The messages to one stream that are on their way: in order, and each published once at most. */
export class SendQueue {
  /** Not given to the present connection. */
  #waiting = new Set<Entry>();
  /** Given to a connection, this one or an earlier one, and not answered, by Ref. */
  readonly #unanswered = new Map<string, Entry>();
  /** 128 random bits make the Refs of this queue unique. */
  readonly #prefix = crypto.getRandomValues(new Uint32Array(4)).join("-");
  #count = 0;
  readonly #ownIds: Set<string>;

  /** Adds the ids of the messages that were sent to `ownIds`, which has the last 8192. */
  constructor(ownIds: Set<string>) {
    this.#ownIds = ownIds;
  }

  get isEmpty(): boolean {
    return this.#waiting.size + this.#unanswered.size === 0;
  }

  /** Whether a message was sent from here; undefined where one of this text is unanswered, for at most {@link MAX_HOLD}. */
  isOwn(id: string, text: string): boolean | undefined {
    if (this.#ownIds.has(id)) return true;
    for (const entry of this.#unanswered.values())
      if (entry.text === text && Date.now() < entry.given + MAX_HOLD) return undefined;
    return false;
  }

  /** Resolves when a server has the message. @throws MaltenError `timeout`, `uncertain`, `aborted`, or why it is refused */
  add(text: string, { signal, timeout = SEND_TIMEOUT }: SendOptions = {}): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        ref: `${this.#prefix}-${(this.#count++).toString(36)}`,
        // The server stores it so.
        text: text.replaceAll("\r\n", "\n"),
        server: undefined,
        since: 0,
        attempts: 0,
        given: Infinity,
        isSettled: false,
        settle: (answer) => {
          entry.isSettled = true;
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          if (this.#waiting.delete(entry)) this.#unanswered.delete(entry.ref);
          if (answer instanceof MaltenError) reject(answer);
          else resolve({ id: answer.Id ?? "", created: answer.Created ?? "" });
        },
      };
      const abort = () => entry.settle(MaltenError.aborted(signal));
      signal?.addEventListener("abort", abort);
      const timer = setTimeout(() => {
        entry.settle(entry.server ? uncertain() : new MaltenError("timeout", "Not sent in time"));
      }, timeout);
      this.#waiting.add(entry);
      if (signal?.aborted) abort();
    });
  }

  /** A connection is open. What another server may have taken, or this one forgotten, must not be sent again. */
  opened(server: string): void {
    const latest = Date.now() - REMEMBERED;
    for (const entry of this.#waiting)
      if (entry.server !== undefined && (entry.server !== server || entry.since < latest))
        entry.settle(uncertain());
  }

  /** Gives the connection as much as it takes. */
  pump(stream: string, connection: Connection): void {
    for (const entry of this.#waiting) {
      if (!connection.canPublish(stream)) return;
      this.#waiting.delete(entry);
      this.#unanswered.set(entry.ref, entry);
      entry.server ??= connection.server;
      entry.given = Date.now();
      entry.since ||= entry.given;
      entry.attempts++;
      connection.publish(stream, entry.ref, entry.text);
    }
  }

  answered(ref: string, answer: PublishAnswer | MaltenError): void {
    const isRefused = answer instanceof MaltenError;
    if (!isRefused && answer.Id) this.#remember(answer.Id);
    const entry = this.#unanswered.get(ref);
    if (!entry) return;
    if (!isRefused || !answer.transient) {
      this.#unanswered.delete(ref);
      entry.settle(answer);
    } else if (entry.attempts === 1 && REFUSED.includes(answer.code)) {
      // It stays for the next connection. The only attempt was refused, so no server can have it.
      entry.server = undefined;
      entry.since = entry.attempts = 0;
    }
  }

  /** The connection is gone. What was given to it is given to the next one first. */
  lost(): void {
    for (const [ref, entry] of this.#unanswered) {
      entry.given = Infinity;
      if (entry.isSettled) this.#unanswered.delete(ref);
    }
    this.#waiting = new Set([...this.#unanswered.values(), ...this.#waiting]);
  }

  /** Gives up what is not answered. */
  close(error: MaltenError): void {
    this.lost();
    for (const entry of this.#waiting) entry.settle(error);
  }

  #remember(id: string): void {
    this.#ownIds.add(id);
    const [oldest = ""] = this.#ownIds;
    if (this.#ownIds.size > OWN_IDS) this.#ownIds.delete(oldest);
  }
}

function uncertain(): MaltenError {
  return new MaltenError("uncertain", "Possibly published");
}
