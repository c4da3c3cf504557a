import type { Connection, ConnectionRequest } from "./connection.ts";
import { HttpConnection } from "./http-connection.ts";
import { poll } from "./poll.ts";
import { readEvents } from "./sse.ts";
import { SocketConnection } from "./websocket.ts";

/** WebSocket, server-sent events, or long polls. */
export type TransportName = "websocket" | "sse" | "poll";

/** Chooses the transport for all connections of a {@link Malten}, by what worked before. */
export class TransportChoice {
  #index = 0;
  /** The index of the one that worked last; -1 if none has yet. */
  #best = -1;
  readonly #names: readonly TransportName[];

  /** `names`: in order of preference. @throws TypeError if this runtime has none of them */
  constructor(names: readonly TransportName[] = ["websocket", "sse", "poll"]) {
    this.#names = names.filter((name) => name !== "websocket" || "WebSocket" in globalThis);
    if (this.#names.length === 0) throw new TypeError("No transport");
  }

  get current(): TransportName {
    return this.#names[this.#index] ?? "poll";
  }

  /** Records that a connection of this kind works. */
  works(name: TransportName): void {
    if (name === this.current) this.#best = this.#index;
  }

  /**
   * Records that a connection of this kind could not be opened. Returns whether to try another kind immediately. A kind that has
   * worked before is tried once more first: more likely the server is unreachable.
   */
  fails(name: TransportName, attempts: number): boolean {
    if (name !== this.current) return true;
    if (this.#index + 1 === this.#names.length || (this.#index === this.#best && attempts < 2)) return false;
    this.#index++;
    return true;
  }

  /** Records that the server is unreachable, which says nothing about this kind. */
  unreachable(): void {
    this.#index = Math.max(this.#best, 0);
  }
}

export function openConnection(transport: TransportName, request: ConnectionRequest): Connection {
  if (transport === "websocket") return new SocketConnection(request);
  return new HttpConnection(request, transport === "sse" ? readEvents : poll);
}
