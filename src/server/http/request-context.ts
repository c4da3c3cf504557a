import type { Hub } from "../../core/hub.ts";
import type { Network } from "../../protocol/address.ts";
import { isSealed } from "../../protocol/name.ts";
import { readStream } from "../../protocol/query.ts";
import type { Peer } from "../guard/live-peers.ts";
import type { BodyBudget } from "./body-budget.ts";
import type { LiveResponses } from "../live/live-responses.ts";
import { RequestParameters } from "./parameters.ts";
import type { ClientLimits } from "../limits/client-limits.ts";
import type { Client } from "../limits/client.ts";
import type { Clients } from "../limits/clients.ts";
import type { LongPolls } from "../live/long-polls.ts";
import { bearerToken, checkRight, type Right } from "../proof.ts";
import type { Shutdown } from "../shutdown.ts";
import type { SocketOpening } from "../live/socket-connection.ts";

/** What handlers need from the connection of a request. Passed in, so that they can be tested without a port. */
export interface Connection {
  /** Sets how long the response may be silent, in seconds; 0: no limit. Only for requests whose body has arrived. */
  keepOpen(request: Request, seconds: number): void;
  /** The address of the other end: the client's, or a proxy's. */
  address(request: Request): string;
  /** The other end itself, if it is known. */
  peer(request: Request): Peer | undefined;
  /** Upgrades the connection to a WebSocket. Returns false if the handshake is invalid. */
  upgrade(request: Request, opening: SocketOpening): boolean;
}

/** The hosts, origins and proxies that the server accepts. */
export interface AccessOptions {
  /** Hosts that requests may be for, besides the default ones; `*`: all. */
  readonly allowHosts: readonly string[];
  /** Origins whose pages may use the server; undefined: all. */
  readonly allowOrigins: readonly string[] | undefined;
  /** Proxies whose X-Forwarded-For and Forwarded are believed. */
  readonly trustProxies: readonly Network[];
}

/** Limits configured by the operator, reported by `GET /limits`. */
export interface ServerLimits extends ClientLimits, AccessOptions {
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
  readonly shutdown: Shutdown;
  readonly bodies: BodyBudget;
  /** See {@link pageInit}. */
  readonly pageInit: ResponseInit;
}

/** Where a request comes from. */
export interface Sender {
  readonly client: Client;
  /** See {@link Connection.address}. */
  readonly address: string;
}

/** A request and everything a handler needs to answer it. */
export class RequestContext implements Omit<Services, "shutdown" | "bodies">, Sender {
  readonly request: Request;
  readonly parameters: RequestParameters;
  readonly connection: Connection;
  private readonly services: Omit<Services, "shutdown" | "bodies">;
  private foundAddress: string | undefined = undefined;
  private foundClient: Client | undefined = undefined;

  constructor(
    services: Omit<Services, "shutdown" | "bodies">,
    request: Request,
    connection: Connection,
    parameters = new RequestParameters(),
  ) {
    this.services = services;
    this.request = request;
    this.parameters = parameters;
    this.connection = connection;
  }

  /** Who sent the request. Found when it is first needed: asking for the address takes a twentieth of a publish. */
  get client(): Client {
    this.foundClient ??= this.clients.of(this.request, this.address);
    return this.foundClient;
  }

  get address(): string {
    this.foundAddress ??= this.connection.address(this.request);
    return this.foundAddress;
  }

  /**
   * Reads `stream`. If it is sealed, the request must prove the right to it.
   * @throws Problem `bad_name`, `not_found`
   */
  streamFor(right: Right): string {
    const stream = readStream(this.parameters);
    if (isSealed(stream)) checkRight(stream, right, bearerToken(this.request));
    return stream;
  }

  get hub(): Hub {
    return this.services.hub;
  }

  get limits(): ServerLimits {
    return this.services.limits;
  }

  get clients(): Clients {
    return this.services.clients;
  }

  get responses(): LiveResponses {
    return this.services.responses;
  }

  get polls(): LongPolls {
    return this.services.polls;
  }

  get pageInit(): ResponseInit {
    return this.services.pageInit;
  }
}

/** Returns undefined if the connection was upgraded to a WebSocket. */
export type Handler = (context: RequestContext) => Response | undefined | Promise<Response>;
