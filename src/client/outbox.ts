import type { Acknowledged, Connection } from "./connection.ts";
import { MaltenError } from "./error.ts";

/** A server forgets a Ref after two minutes; after so many milliseconds it is not relied upon any more. */
const REMEMBERED = 100_000;

/** A message that a server has. */
export interface Sent {
  readonly id: string;
  /** Nanoseconds since 1970: its cursor. */
  readonly created: string;
}

/** What says that nothing of an attempt was done, though another may succeed. */
const REFUSED: readonly MaltenError["code"][] = ["server_changed", "shutting_down"];

interface Entry {
  readonly ref: string;
  readonly text: string;
  /** The server that it was first given to, and when; it may have taken it. */
  server: string | undefined;
  since: number;
  attempts: number;
  settle(answer: Acknowledged | MaltenError): void;
}

/** Messages on their way: in order, each published once at the most. */
export class Outbox {
  /** Not given to the connection there is. */
  #waiting = new Set<Entry>();
  /** Given to it, and not answered. */
  readonly #flying = new Map<string, Entry>();
  /** 128 random bits make the Refs of this outbox nobody else's. */
  readonly #prefix = crypto.getRandomValues(new Uint32Array(4)).join("-");
  #count = 0;

  get isEmpty(): boolean {
    return this.#waiting.size + this.#flying.size === 0;
  }

  /** Resolves when a server has it. `timeout` in milliseconds. @throws MaltenError */
  add(text: string, timeout: number, signal: AbortSignal | undefined): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        ref: `${this.#prefix}-${(this.#count++).toString(36)}`,
        text,
        server: undefined,
        since: 0,
        attempts: 0,
        settle: (answer) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          this.#waiting.delete(entry);
          this.#flying.delete(entry.ref);
          if (answer instanceof MaltenError) reject(answer);
          else resolve({ id: answer.Id ?? "", created: answer.Created ?? "" });
        },
      };
      const abort = () => entry.settle(MaltenError.aborted(signal));
      signal?.addEventListener("abort", abort);
      const timer = setTimeout(() => {
        entry.settle(
          entry.server === undefined ? new MaltenError("timeout", "Not sent in time") : uncertain(),
        );
      }, timeout);
      this.#waiting.add(entry);
      if (signal?.aborted) abort();
    });
  }

  /** A connection is there. What another server may have taken, or this one forgotten, must not be sent again. */
  opened(server: string): void {
    const latest = Date.now() - REMEMBERED;
    for (const entry of this.#waiting)
      if (entry.server !== undefined && (entry.server !== server || entry.since < latest))
        entry.settle(uncertain());
  }

  /** Gives the connection what it has room for. */
  pump(connection: Connection, server: string): void {
    for (const entry of this.#waiting) {
      if (this.#flying.size >= connection.window) return;
      this.#waiting.delete(entry);
      this.#flying.set(entry.ref, entry);
      entry.server ??= server;
      entry.since ||= Date.now();
      entry.attempts++;
      connection.publish(entry.ref, entry.text);
    }
  }

  answered(ref: string, answer: Acknowledged | MaltenError): void {
    const entry = this.#flying.get(ref);
    if (entry === undefined) return;
    if (!(answer instanceof MaltenError && answer.transient)) return entry.settle(answer);
    // It stays for the next connection. Where the only attempt was refused, nobody can have it.
    if (entry.attempts > 1 || !REFUSED.includes(answer.code)) return;
    entry.server = undefined;
    entry.since = entry.attempts = 0;
  }

  /** The connection is gone. What was given to it is the first to be given to the next. */
  lost(): void {
    this.#waiting = new Set([...this.#flying.values(), ...this.#waiting]);
    this.#flying.clear();
  }

  /** Nothing is sent any more. */
  close(error: MaltenError): void {
    this.lost();
    for (const entry of this.#waiting) entry.settle(error);
  }
}

function uncertain(): MaltenError {
  return new MaltenError("uncertain", "Published or not: unknown");
}
