/** Requests handled in one turn of the event loop, of all connections together, before pipelines are cut short. */
const MAX_REQUESTS = 512;

/**
 * Keeps pipelined requests from delaying everyone else. The runtime handles all requests that it read from a connection in one
 * turn of the event loop: thousands of short ones on each connection, and HTTP has no way to read only some. From a number of
 * requests on, each answer in that turn therefore closes its connection, at which the runtime drops what follows in the
 * pipeline, and TCP may drop answers that were not read yet. A client that pipelines has to be ready for that (RFC 9112 §9.3.2);
 * one that waits for answers only has to reconnect.
 */
export class TurnLimit {
  private requests = 0;
  private readonly atEndOfTurn: (callback: () => void) => void;

  /** @param atEndOfTurn calls back once everything that was read has been handled */
  constructor(atEndOfTurn: (callback: () => void) => void = setImmediate) {
    this.atEndOfTurn = atEndOfTurn;
  }

  /** Counts a request. Returns whether its answer has to close the connection. */
  isExceeded(): boolean {
    if (this.requests === 0) {
      this.atEndOfTurn(() => {
        this.requests = 0;
      });
    }
    return ++this.requests > MAX_REQUESTS;
  }
}
