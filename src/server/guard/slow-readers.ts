import type { Peer } from "./live-peers.ts";
import type { TcpConnection, TcpConnections } from "./tcp-connections.ts";

/** Readers that are watched at a time. For others, only progress that the runtime reports counts. */
const MOST = 256;

/** How long the kernel waits for a reader whose window is too small to send, in milliseconds. */
const PATIENCE = 30_000;

interface Watched {
  readonly peer: Peer;
  connection: TcpConnection | undefined;
  acknowledged: bigint;
}

/**
 * Sees whether slow readers of large responses make progress. The kernel takes megabytes before the runtime notices that anything
 * was read, and `TCP_USER_TIMEOUT`, which finds machines that vanished, also ends connections whose window is small for 8 s: without this a
 * steady reader of 20 kB/s would be cut.
 */
export class SlowReaders<Reader extends object> {
  private readonly watched = new Map<Reader, Watched>();
  private readonly connections: TcpConnections;

  constructor(connections: TcpConnections) {
    this.connections = connections;
  }

  /** Watches a reader until {@link remove}. */
  add(reader: Reader, peer: Peer): void {
    if (this.watched.size >= MOST || this.watched.has(reader)) return;
    this.watched.set(reader, { peer, connection: undefined, acknowledged: 0n });
  }

  remove(reader: Reader): void {
    this.watched.delete(reader);
  }

  /** Returns the readers that acknowledged something since the last call. Called about once a second. */
  progressed(): Reader[] {
    if (this.watched.size === 0) return [];
    this.find();
    const { connections } = this;
    return Array.from(this.watched).flatMap(([reader, watched]) => {
      if (watched.connection === undefined) return [];
      const { acknowledged } = connections.state(watched.connection);
      const hasProgressed = acknowledged > watched.acknowledged;
      watched.acknowledged = acknowledged;
      return hasProgressed ? [reader] : [];
    });
  }

  /** Finds the connections of new readers, and makes the kernel patient with them. */
  private find(): void {
    const unknown = Array.from(this.watched.values()).filter(({ connection }) => connection === undefined);
    if (unknown.length === 0) return;
    const all = new Map(this.connections.all().map((connection) => [connection.peer, connection]));
    for (const watched of unknown) {
      watched.connection = all.get(watched.peer);
      if (watched.connection !== undefined) this.connections.wait(watched.connection, PATIENCE);
    }
  }
}
