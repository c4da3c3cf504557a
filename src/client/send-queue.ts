import { MaltenError } from "./error.ts";
import type { Connection, PublishAnswer } from "./transports/connection.ts";

/** How long to rely on a server remembering a Ref, in milliseconds: less than its two minutes. */
const REMEMBERED = 100_000;

/** How long a received message waits for the answer to an own one of the same text, in milliseconds: the answer has the id. */
export const MAX_HOLD = 3000;

/** Number of ids of own messages to remember. */
const OWN_IDS = 8192;

/** A message accepted by the server. */
export interface Sent {
  readonly id: string;
  /** Nanoseconds since 1970. */
  readonly created: string;
}

/** How to send. */
export interface SendOptions {
  /** Who sends it, for those who receive it. One line of at most 32 characters. Proves nothing. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * How long to wait for the server to accept the message, in milliseconds; `Infinity` waits until there is a result. By default
   * 30,000, without the time in which the server makes progress with earlier messages, asks to slow down, or delays its answer.
   */
  readonly timeout?: number | undefined;
}

const SEND_TIMEOUT = 30_000;

/** How long to wait by default for an answer while the connection lives, in milliseconds: servers delay answers to slow senders down. */
const ANSWER_TIMEOUT = 300_000;

/** The longest delay of a timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/** The pace that the server sets for all streams of a {@link Malten}. */
export interface Pace {
  /** When a server last accepted a message; in the future, until when it asked not to send, in milliseconds since 1970. */
  at: number;
}

/** Errors after which nothing was published and another attempt may succeed. */
const REFUSED: readonly MaltenError["code"][] = ["server_changed", "shutting_down"];

interface Entry {
  readonly ref: string;
  readonly text: string;
  readonly name: string | undefined;
  /** The server that it was first sent to, which may have accepted it, and when. */
  server?: string | undefined;
  since: number;
  attempts: number;
  /** When it was given to the present connection; Infinity before that. */
  given: number;
  /** Why the server refused it for now; it is sent again later. */
  refusal?: MaltenError | undefined;
  /** The caller has an answer. Until the server answers, the message may still turn out to be published. */
  isSettled?: boolean;
  settle(answer: PublishAnswer | MaltenError): void;
}

/** The pending messages to one stream: sent in order, each published at most once. */
export class SendQueue {
  /** Not yet sent on the current connection. */
  #waiting = new Set<Entry>();
  /** Sent on this or an earlier connection and not answered, by Ref. */
  readonly #unanswered = new Map<string, Entry>();
  /** 128 random bits make the Refs of this queue unique. */
  readonly #prefix = crypto.getRandomValues(new Uint32Array(4)).join("-");
  #count = 0;
  /** Whether messages in {@link #unanswered} were refused and have to be sent again. */
  #isRefused = false;
  readonly #ownIds: Set<string>;
  readonly #pace: Pace;

  /** Adds the ids of the messages that were sent to `ownIds`, which has the last 8192. */
  constructor(ownIds: Set<string>, pace: Pace = { at: 0 }) {
    this.#ownIds = ownIds;
    this.#pace = pace;
  }

  get isEmpty(): boolean {
    return this.#waiting.size + this.#unanswered.size === 0;
  }

  /** Whether this program sent a message; undefined while one with the same text is unanswered, for at most {@link MAX_HOLD}. */
  isOwn(id: string, text: string): boolean | undefined {
    if (this.#ownIds.has(id)) return true;
    for (const entry of this.#unanswered.values())
      if (entry.text === text && Date.now() < entry.given + MAX_HOLD) return undefined;
    return false;
  }

  /** Resolves when the server has accepted the message. @throws MaltenError `timeout`, `uncertain`, `aborted`, or the server's reason */
  add(text: string, { name, signal, timeout }: SendOptions = {}): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const added = Date.now();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const entry: Entry = {
        ref: `${this.#prefix}-${(this.#count++).toString(36)}`,
        // As the server stores it.
        text: text.replaceAll("\r\n", "\n"),
        name,
        since: 0,
        attempts: 0,
        given: Infinity,
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
      const check = () => {
        const isInFlight = !this.#waiting.has(entry) && !entry.refusal;
        const deadline =
          timeout !== undefined
            ? added + timeout
            : isInFlight
              ? entry.given + ANSWER_TIMEOUT
              : Math.max(added, this.#pace.at) + SEND_TIMEOUT;
        const left = deadline - Date.now();
        if (left > 0) timer = setTimeout(check, Math.min(left, MAX_DELAY));
        else
          entry.settle(
            entry.refusal ?? (entry.server ? uncertain() : new MaltenError("timeout", "Timed out")),
          );
      };
      this.#waiting.add(entry);
      check();
      if (signal?.aborted) abort();
    });
  }

  /** Called when a connection is open. Messages that another server may have accepted, or this one forgotten, must not be sent again. */
  opened(server: string): void {
    for (const entry of this.#waiting)
      if (entry.server !== undefined && (entry.server !== server || isForgotten(entry)))
        entry.settle(uncertain());
  }

  /** Sends as many messages as the connection accepts. */
  pump(stream: string, connection: Connection): void {
    if (this.#isRefused) {
      // Later messages may have been accepted: their answers decide.
      for (const entry of this.#unanswered.values()) if (!entry.refusal && !this.#waiting.has(entry)) return;
      this.lost();
      this.#unanswered.clear();
    }
    for (const entry of this.#waiting) {
      if (!connection.canPublish(stream)) return;
      // It was refused for too long.
      if (isForgotten(entry)) {
        entry.settle(uncertain());
        continue;
      }
      this.#waiting.delete(entry);
      this.#unanswered.set(entry.ref, entry);
      entry.refusal = undefined;
      entry.server ??= connection.server;
      entry.given = Date.now();
      entry.since ||= entry.given;
      entry.attempts++;
      connection.publish(stream, entry.ref, entry.text, entry.name);
    }
  }

  answered(ref: string, answer: PublishAnswer | MaltenError): void {
    const isRefused = answer instanceof MaltenError;
    if (!isRefused) {
      this.#pace.at = Math.max(this.#pace.at, Date.now());
      if (answer.Id) this.#remember(answer.Id);
    }
    const entry = this.#unanswered.get(ref);
    if (!entry) return;
    if (this.#isRefused && !isRefused) this.#overtake(entry);
    if (!isRefused || !answer.transient) {
      this.#unanswered.delete(ref);
      entry.settle(answer);
      return;
    }
    const isThrottled = answer.retryAfter !== undefined;
    if (
      entry.attempts === 1 &&
      (REFUSED.includes(answer.code) || (isThrottled && answer.code !== "bad_response"))
    ) {
      // The only attempt was rejected, so no server has published it.
      entry.server = undefined;
      entry.since = entry.attempts = 0;
    }
    if (!isThrottled) return;
    entry.refusal = answer;
    entry.given = 0;
    this.#isRefused = true;
  }

  /** The connection is gone. What it did not answer goes to the next one first. */
  lost(): void {
    this.#isRefused = false;
    for (const [ref, entry] of this.#unanswered) {
      entry.given = Infinity;
      if (entry.isSettled) this.#unanswered.delete(ref);
    }
    this.#waiting = new Set([...this.#unanswered.values(), ...this.#waiting]);
  }

  /** Rejects all unanswered messages. */
  close(error: MaltenError): void {
    this.lost();
    for (const entry of this.#waiting) entry.settle(error);
  }

  /** Gives up the refused messages before an accepted one: they can no longer be sent in order. */
  #overtake(accepted: Entry): void {
    for (const entry of this.#unanswered.values()) {
      if (entry === accepted) return;
      if (entry.refusal) entry.settle(entry.refusal);
    }
  }

  #remember(id: string): void {
    this.#ownIds.add(id);
    const [oldest = ""] = this.#ownIds;
    if (this.#ownIds.size > OWN_IDS) this.#ownIds.delete(oldest);
  }
}

/** Whether the server may have accepted the message and forgotten its Ref, so that it must not be sent again. */
function isForgotten({ server, since }: Entry): boolean {
  return server !== undefined && since < Date.now() - REMEMBERED;
}

function uncertain(): MaltenError {
  return new MaltenError("uncertain", "Possibly published");
}
