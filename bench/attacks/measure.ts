import type { Attack, ClientMode } from "./attack.ts";
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
export async function measure(
  { name, tls = false }: Attack,
  clients: ClientMode,
  { executable, maxMemory, seconds }: Options,
): Promise<AttackRow> {
  const { result, ...observation } = await observe<AttackJob>({ executable, maxMemory, tls }, (port) => ({
    kind: "attack",
    attack: name,
    clients,
    port,
    seconds,
    maxConnections,
  }));
  return { attack: name, clients, ...result, ...observation };
}
