import type { Hub } from "../../core/hub.ts";
import type { LiveResponses } from "../live/live-responses.ts";
import type { RequestParameters } from "./parameters.ts";
import type { ClientLimits } from "../limits/client-limits.ts";
import type { Client } from "../limits/client.ts";
import type { Clients } from "../limits/clients.ts";
import type { LongPolls } from "../live/long-polls.ts";
import type { SocketOpening } from "../live/socket-connection.ts";

/** What handlers need from the connection of a request. Passed in, so that they can be tested without a port. */
export interface Connection {
  /** Sets how long the response may be silent, in seconds; 0: no limit. Only for requests whose body has arrived. */
  keepOpen(request: Request, seconds: number): void;
  /** The address of the other end: the client's, or a proxy's. */
  address(request: Request): string;
  /** Upgrades the connection to a WebSocket. Returns false if the handshake is invalid. */
  upgrade(request: Request, opening: SocketOpening): boolean;
}

/** Limits configured by the operator, reported by `GET /limits`. */
export interface ServerLimits extends ClientLimits {
  /** Default idle time-to-live of a stream, in seconds. */
  readonly ttl: number;
  /** Memory for all streams together, in bytes. */
  readonly maxMemory: number;
}

/** Shared by all handlers. */
export interface Services {
  readonly hub: Hub;
  readonly limits: ServerLimits;
  readonly clients: Clients;
  readonly responses: LiveResponses;
  readonly polls: LongPolls;
  /** See {@link pageInit}. */
  readonly pageInit: ResponseInit;
}

/** A request and everything a handler needs to answer it. */
export interface RequestContext extends Services {
  readonly request: Request;
  /** Who sent the request. */
  readonly client: Client;
  readonly parameters: RequestParameters;
  readonly connection: Connection;
}

/** Returns undefined if the connection was upgraded to a WebSocket. */
export type Handler = (context: RequestContext) => Response | undefined | Promise<Response>;
