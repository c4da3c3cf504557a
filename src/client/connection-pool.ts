import { ConnectionManager, type ClientContext } from "./connection-manager.ts";

/** The connections of a {@link Malten}: one, and another where more streams are in use than a WebSocket can subscribe to. */
export class ConnectionPool {
  readonly #managers: ConnectionManager[] = [];
  readonly #context: ClientContext;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** A connection with room for one more stream. */
  acquire(): ConnectionManager {
    const found = this.#managers.find(({ hasRoom }) => hasRoom);
    if (found !== undefined) return found;
    const manager = new ConnectionManager(this.#context);
    this.#managers.push(manager);
    return manager;
  }
}
