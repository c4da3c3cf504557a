import type { Tally } from "./tally.ts";

/** Whose address the requests of an attack carry. */
export type ClientMode = "one" | "many" | "local";

/** What an attack works with. */
export interface AttackContext {
  readonly port: number;
  /** The server's address; by default, this machine. */
  readonly host?: string | undefined;
  /** Aborted at the end of the attack. */
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Connections that this process may open. */
  readonly maxConnections: number;
  /** Returns a header line with the address of a client, or nothing for a local client. */
  forwarded(client: number): string;
}

/** One kind of thing that clients can make the server keep. */
export interface Attack {
  readonly name: string;
  /** What it makes the server keep. */
  readonly what: string;
  /** The code of the refusals that it aims at, besides those of limits. */
  readonly refusal?: string;
  /** Whether the server has a certificate. */
  readonly tls?: boolean;
  /** Runs until the signal. Connections may stay open: the process exits afterwards. */
  run(context: AttackContext): Promise<void>;
}
