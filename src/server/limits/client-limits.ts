/** Limits per client, and of all clients together. */
export interface ClientLimits {
  /** Messages to listed streams per second, and a tenth of a burst; 0: no rate limits at all. */
  readonly rateLimit: number;
  /** Bytes of messages to unlisted streams per second, and a sixteenth of a burst; 0: unlimited. */
  readonly byteRate: number;
  /** New streams per minute, and in a burst; 0: unlimited. */
  readonly streamRate: number;
  /** Connections that stay open, of all clients together. */
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  /** Subscriptions of all clients together. */
  readonly maxSubscriptions: number;
  readonly maxSubscriptionsPerClient: number;
}
