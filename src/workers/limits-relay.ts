import { INTERVAL, type ClientUse, type LimitsUse } from "../server/limits/client-ledger.ts";
import { NO_CHARGES, sumCharges, type Charges, type Held } from "../server/limits/shared-client.ts";

const NONE: Held = { connections: 0, subscriptions: 0 };

/** What one client has open, by worker. */
interface KnownClient {
  readonly mayForward: boolean;
  readonly held: Map<object, Held>;
}

/** What one worker is told next: clients that changed elsewhere, with what was charged there. */
type News = Map<string, Charges>;

interface RelayOptions<W> {
  /** Tells a worker. Returns false if it cannot take more now. */
  readonly tell: (worker: W, use: LimitsUse) => boolean;
  /** Calls back after a delay in milliseconds. */
  readonly later?: (callback: () => void, delay: number) => void;
}

/** Tells each worker what clients use in the others: all changes of some milliseconds together. */
export class LimitsRelay<W extends object> {
  private readonly clients = new Map<string, KnownClient>();
  /** What all clients have open, by worker. */
  private readonly open = new Map<W, Held>();
  private readonly news = new Map<W, News>();
  private isScheduled = false;
  private readonly tell: RelayOptions<W>["tell"];
  private readonly later: (callback: () => void, delay: number) => void;

  constructor({ tell, later = setTimeout }: RelayOptions<W>) {
    this.tell = tell;
    this.later = later;
  }

  /** Adds a worker, which is told what is open in the others. */
  add(worker: W): void {
    this.open.set(worker, NONE);
    this.news.set(worker, new Map(Array.from(this.clients.keys(), (key) => [key, NO_CHARGES])));
    this.schedule();
  }

  /** Removes a worker and everything it had open. */
  remove(worker: W): void {
    this.open.delete(worker);
    this.news.delete(worker);
    for (const [key, { held }] of this.clients) if (held.delete(worker)) this.note(key, NO_CHARGES);
    this.schedule();
  }

  /** Takes over what a worker tells of its clients. */
  report(worker: W, { clients, open }: LimitsUse): void {
    this.open.set(worker, open);
    for (const { key, mayForward, held, charges } of clients) {
      const known = this.clients.get(key) ?? { mayForward, held: new Map<object, Held>() };
      this.clients.set(key, known);
      if (held.connections > 0 || held.subscriptions > 0) known.held.set(worker, held);
      else known.held.delete(worker);
      this.note(key, charges, worker);
    }
    this.schedule();
  }

  /** Notes for all workers but one that a client changed. */
  private note(key: string, charges: Charges, from?: W): void {
    for (const [worker, news] of this.news) {
      if (worker !== from) news.set(key, sumCharges(news.get(key) ?? NO_CHARGES, charges));
    }
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.later(() => this.flush(), INTERVAL);
  }

  private flush(): void {
    this.isScheduled = false;
    const changed = new Set<string>();
    for (const [worker, news] of this.news) {
      for (const key of news.keys()) changed.add(key);
      const clients = Array.from(news, ([key, charges]) => this.use(key, charges, worker));
      if (this.tell(worker, { clients, open: sumOfOthers(this.open, worker) })) news.clear();
      else this.schedule();
    }
    const waiting = Array.from(this.news.values());
    for (const key of changed) {
      const isOpen = (this.clients.get(key)?.held.size ?? 0) > 0;
      if (!isOpen && !waiting.some((news) => news.has(key))) this.clients.delete(key);
    }
  }

  private use(key: string, charges: Charges, worker: W): ClientUse {
    const { mayForward = false, held = new Map<object, Held>() } = this.clients.get(key) ?? {};
    return { key, mayForward, charges, held: sumOfOthers(held, worker) };
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
