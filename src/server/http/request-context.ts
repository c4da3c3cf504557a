import type { Hub } from "../../core/hub.ts";
import type { HttpSubscribers } from "../live/http-subscribers.ts";
import type { RequestParameters } from "./parameters.ts";
import type { Polls } from "../live/long-polls.ts";
import type { SocketOpening } from "../live/socket-connection.ts";

/** What handlers need of the connection that a request came on. Passed in, so that they are tested without a port. */
export interface Connection {
  /** The response may be quiet for so many seconds; 0 is for as long as it likes. Only for requests that are complete. */
  keepOpen(request: Request, seconds: number): void;
  /** Makes the connection a WebSocket. Answers false where the request does not ask for one as it should. */
  upgrade(request: Request, opening: SocketOpening): boolean;
}

/** What the operator decided, as told at `/limits`. */
export interface ServerLimits {
  /** Idle lifetime of a stream whose creator asks for none, in seconds. */
  readonly ttl: number;
  /** What all streams together may take, in bytes. */
  readonly maxMemory: number;
}

/** What all handlers share. */
export interface Services {
  readonly hub: Hub;
  readonly limits: ServerLimits;
  readonly subscribers: HttpSubscribers;
  readonly polls: Polls;
}

/** A request, with what it takes to answer it. */
export interface Exchange extends Services {
  readonly request: Request;
  readonly parameters: RequestParameters;
  readonly connection: Connection;
}

/** Answers undefined where the connection has become a WebSocket. */
export type Handler = (exchange: Exchange) => Response | undefined | Promise<Response>;
