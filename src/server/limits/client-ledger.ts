import type { ClientOptions, ClientTable } from "./client-table.ts";
import type { ClientContext } from "./client.ts";
import { SharedClient, type Charges, type Held } from "./shared-client.ts";

/** How long what happened is collected until others are told, in milliseconds: by each process, and by the one that passes it on. */
export const INTERVAL = 25;

/** What a process tells the others about a client. */
export interface ClientUse {
  readonly key: string;
  readonly mayForward: boolean;
  /** Since it told them last. */
  readonly charges: Charges;
  /** In this process; for the one that is told, in all others together. */
  readonly held: Held;
}

/** What a process tells the others about its clients. */
export interface LimitsUse {
  readonly clients: readonly ClientUse[];
  /** What all clients have open, also those without limits. */
  readonly open: Held;
}

/** The clients that one process shares with others: collects what they use here, and takes over what they use elsewhere. */
export class ClientLedger {
  private readonly changed = new Set<SharedClient>();
  private isScheduled = false;
  private table: ClientTable | undefined = undefined;
  private context: ClientContext | undefined = undefined;
  private readonly tell: (use: LimitsUse) => void;
  private readonly later: (callback: () => void, delay: number) => void;

  /** @param later calls back after a delay in milliseconds */
  constructor(
    tell: (use: LimitsUse) => void,
    later: (callback: () => void, delay: number) => void = setTimeout,
  ) {
    this.tell = tell;
    this.later = later;
  }

  /** Sets where the clients are. */
  attach(table: ClientTable, context: ClientContext): void {
    this.table = table;
    this.context = context;
    for (const quota of [context.connections, context.subscriptions]) quota.onChange = () => this.schedule();
  }

  make(key: string, context: ClientContext, { mayForward }: ClientOptions): SharedClient {
    return new SharedClient(key, context, { mayForward }, (client) => {
      this.changed.add(client);
      this.schedule();
    });
  }

  /** Takes over what happened in other processes. */
  apply({ clients, open }: LimitsUse): void {
    const { table, context } = this;
    if (table === undefined || context === undefined) return;
    context.connections.elsewhere = open.connections;
    context.subscriptions.elsewhere = open.subscriptions;
    for (const { key, mayForward, charges, held } of clients) {
      const client = table.get(key) ?? table.add(key, { mayForward });
      if (client instanceof SharedClient) client.apply(charges, held);
    }
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.later(() => this.flush(), INTERVAL);
  }

  private flush(): void {
    this.isScheduled = false;
    const { context } = this;
    if (context === undefined) return;
    const clients = Array.from(this.changed, (client) => ({
      key: client.key,
      mayForward: client.mayForward,
      charges: client.takeCharges(),
      held: client.held,
    }));
    this.changed.clear();
    this.tell({
      clients,
      open: { connections: context.connections.open, subscriptions: context.subscriptions.open },
    });
  }
}
