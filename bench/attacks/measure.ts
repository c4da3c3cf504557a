import type { ClientMode } from "./attack.ts";
import { maxConnections } from "./child.ts";
import type { AttackJob, AttackResult } from "./job.ts";
import { observe, type Observation } from "./observe.ts";
import type { Options } from "./options.ts";

/** What an attack did to the server. */
export interface AttackRow extends AttackResult, Observation {
  readonly attack: string;
  readonly clients: ClientMode;
}

/** Runs one attack against a new server. */
export async function measure(attack: string, clients: ClientMode, options: Options): Promise<AttackRow> {
  const { executable, maxMemory, seconds } = options;
  const { result, ...observation } = await observe<AttackJob>(
    executable,
    ["--max-memory", maxMemory],
    (port) => ({ kind: "attack", attack, clients, port, seconds, maxConnections }),
  );
  return { attack, clients, ...result, ...observation };
}
