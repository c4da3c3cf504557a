import type { Attack, AttackContext } from "../attack.ts";
import { flood } from "../flood.ts";
import { EMOJI, publish, request } from "../requests.ts";
import { Tally } from "../tally.ts";

/** Far more than an attack has clients. */
const CLIENTS = 1 << 20;

/** Streams that fill the memory, and how long they live after their last message, in seconds. */
const FILLED = { streams: 1024, ttl: 60 };

/**
 * Fills the memory with messages, and then runs attacks at the same time, each with clients of its own and an equal part of the
 * connections. None may need a certificate.
 */
export function combine(name: string, what: string, attacks: readonly Attack[]): Attack {
  return {
    name,
    what,
    run: async (context) => {
      await fill(context);
      const maxConnections = Math.floor(context.maxConnections / attacks.length);
      await Promise.all(
        attacks.map((attack, index) =>
          attack.run({
            ...context,
            maxConnections,
            forwarded: (client) => context.forwarded(client + index * CLIENTS),
          }),
        ),
      );
    },
  };
}

/** Publishes without an address, as the operator of the machine may, until memory is full. */
async function fill(context: AttackContext): Promise<void> {
  const { streams: count, ttl } = FILLED;
  const create = (number: number) => request("POST", `/streams?stream=filled${number}&ttl=${ttl}`, "");
  await flood(context, { connections: 1, count, request: create });
  const tally = new FillTally();
  const signal = AbortSignal.any([context.signal, tally.full]);
  const text = (number: number) => publish(`filled${number % count}`, EMOJI, "");
  await flood({ ...context, signal, tally }, { connections: 4, depth: 8, request: text });
}

/** Notes when memory is full. */
class FillTally extends Tally {
  private readonly controller = new AbortController();

  get full(): AbortSignal {
    return this.controller.signal;
  }

  override refuse(code: string): void {
    if (code === "memory_full") this.controller.abort();
  }
}
