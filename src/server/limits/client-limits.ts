/** Limits per client, and of all clients together. */
export interface ClientLimits {
  /** Connections that stay open, of all clients together. */
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  /** Subscriptions of all clients together. */
  readonly maxSubscriptions: number;
  readonly maxSubscriptionsPerClient: number;
}
