import type { Attack } from "../attack.ts";

/** Far more than an attack has clients. */
const CLIENTS = 1 << 20;

/** Runs attacks at the same time, each with clients of its own and an equal part of the connections. None may need a certificate. */
export function combine(name: string, what: string, attacks: readonly Attack[]): Attack {
  return {
    name,
    what,
    run: async (context) => {
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
