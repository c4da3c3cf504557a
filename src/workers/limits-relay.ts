import type { ClientUse, LimitsUse } from "../server/limits/client-ledger.ts";
import type { Held } from "../server/limits/shared-client.ts";

const NONE: Held = { connections: 0, subscriptions: 0 };
const NO_CHARGES = { messages: 0, bytes: 0, frames: 0 };

/** What one client has open, by worker. */
interface KnownClient {
  readonly mayForward: boolean;
  readonly held: Map<object, Held>;
}

/** Tells each worker what clients use in the others. */
export class LimitsRelay<W extends object> {
  private readonly clients = new Map<string, KnownClient>();
  /** What all clients have open, by worker. */
  private readonly open = new Map<W, Held>();
  private readonly tell: (worker: W, use: LimitsUse) => void;

  constructor(tell: (worker: W, use: LimitsUse) => void) {
    this.tell = tell;
  }

  /** Tells a new worker what is open in the others. */
  add(worker: W): void {
    this.open.set(worker, NONE);
    const clients = Array.from(this.clients, ([key, known]) => this.use(key, known, worker));
    this.tell(worker, { clients, open: sumOfOthers(this.open, worker) });
  }

  /** What was open in the worker is not any more. */
  remove(worker: W): void {
    this.open.delete(worker);
    const changed: string[] = [];
    for (const [key, { held }] of this.clients) if (held.delete(worker)) changed.push(key);
    this.pass(changed.map((key) => ({ key, charges: NO_CHARGES })));
    for (const key of changed) this.forget(key);
  }

  /** A worker tells what its clients used. */
  report(worker: W, { clients, open }: LimitsUse): void {
    this.open.set(worker, open);
    for (const { key, mayForward, held } of clients) {
      const known = this.clients.get(key) ?? { mayForward, held: new Map<object, Held>() };
      this.clients.set(key, known);
      if (held.connections > 0 || held.subscriptions > 0) known.held.set(worker, held);
      else known.held.delete(worker);
    }
    this.pass(clients, worker);
    for (const { key } of clients) this.forget(key);
  }

  private pass(uses: readonly Pick<ClientUse, "key" | "charges">[], from?: W): void {
    for (const worker of this.open.keys()) {
      if (worker === from) continue;
      const clients = uses.flatMap(({ key, charges }) => {
        const known = this.clients.get(key);
        return known === undefined ? [] : [{ ...this.use(key, known, worker), charges }];
      });
      this.tell(worker, { clients, open: sumOfOthers(this.open, worker) });
    }
  }

  private use(key: string, { mayForward, held }: KnownClient, worker: W): ClientUse {
    return { key, mayForward, charges: NO_CHARGES, held: sumOfOthers(held, worker) };
  }

  /** Forgets a client that has nothing open. */
  private forget(key: string): void {
    if (this.clients.get(key)?.held.size === 0) this.clients.delete(key);
  }
}

function sumOfOthers(held: ReadonlyMap<object, Held>, self: object): Held {
  let connections = 0;
  let subscriptions = 0;
  for (const [worker, each] of held) {
    if (worker === self) continue;
    connections += each.connections;
    subscriptions += each.subscriptions;
  }
  return { connections, subscriptions };
}
