import type { Payer } from "../../core/broker.ts";
import { Problem } from "../../protocol/problem.ts";
import type { Quota } from "./quota.ts";

/** What all clients of a server share. */
export interface ClientContext {
  /** Connections and subscriptions of all clients together. */
  readonly connections: Quota;
  readonly subscriptions: Quota;
  readonly maxConnectionsPerClient: number;
  readonly maxSubscriptionsPerClient: number;
}

/**
 * One client: everyone whose address has the same prefix, IPv4 /32 or IPv6 /64. Counts what it has open. Totals apply to every
 * client; an exempt one has no limit of its own.
 */
export class Client implements Payer {
  readonly key: string;
  private readonly exempt: boolean;
  private readonly context: ClientContext;
  private connections = 0;
  private subscriptions = 0;

  constructor(key: string, context: ClientContext, exempt = false) {
    this.key = key;
    this.exempt = exempt;
    this.context = context;
  }

  /** The client as the payer of what it publishes and creates; undefined if it is exempt. */
  get payer(): Payer | undefined {
    return this.exempt ? undefined : this;
  }

  /** Whether it has anything open. */
  get isOpen(): boolean {
    return this.connections > 0 || this.subscriptions > 0;
  }

  /**
   * Counts a connection that stays open. Each call needs one {@link closeConnection}.
   * @throws Problem `too_many_connections`, or `too_busy` if all clients together have too many
   */
  openConnection(): void {
    const { connections, maxConnectionsPerClient } = this.context;
    if (!this.exempt && this.connections >= maxConnectionsPerClient) {
      throw new Problem(
        "too_many_connections",
        `Too many connections from your address; the limit is ${maxConnectionsPerClient}`,
      );
    }
    connections.take();
    this.connections++;
  }

  closeConnection(): void {
    this.connections--;
    this.context.connections.release();
  }

  /**
   * Counts a subscription. Each call needs one {@link closeSubscription}.
   * @throws Problem `too_many_subscriptions`, or `too_busy` if all clients together have too many
   */
  openSubscription(): void {
    const { subscriptions, maxSubscriptionsPerClient } = this.context;
    if (!this.exempt && this.subscriptions >= maxSubscriptionsPerClient) {
      throw new Problem(
        "too_many_subscriptions",
        `Too many subscriptions from your address; the limit is ${maxSubscriptionsPerClient}`,
      );
    }
    subscriptions.take();
    this.subscriptions++;
  }

  closeSubscription(): void {
    this.subscriptions--;
    this.context.subscriptions.release();
  }

  /** Counts a connection with one subscription. Each call needs one {@link closeListener}. @throws Problem as the two do */
  openListener(): void {
    this.openConnection();
    try {
      this.openSubscription();
    } catch (error) {
      this.closeConnection();
      throw error;
    }
  }

  closeListener(): void {
    this.closeSubscription();
    this.closeConnection();
  }

  admitStream(): void {}
}
