import type { ClientLimits } from "./client-limits.ts";
import { Client, type ClientContext } from "./client.ts";
import { Quota } from "./quota.ts";

/** The clients of a server, by the prefix of their address. */
export class Clients {
  private readonly exempt: Client;

  constructor(limits: ClientLimits) {
    const context: ClientContext = {
      connections: new Quota("connections", limits.maxConnections),
      subscriptions: new Quota("subscriptions", limits.maxSubscriptions),
      maxConnectionsPerClient: limits.maxConnectionsPerClient,
      maxSubscriptionsPerClient: limits.maxSubscriptionsPerClient,
    };
    this.exempt = new Client("loopback", context, true);
  }

  /** Returns the client of a request from `address`. */
  of(_request: Request, _address: string): Client {
    return this.exempt;
  }
}
