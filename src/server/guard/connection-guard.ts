import { contains, prefixOf, type Address } from "../../protocol/address.ts";
import type { Clock } from "../../core/clock.ts";
import type { ServerLimits } from "../http/request-context.ts";
import { isLoopback } from "../limits/networks.ts";
import type { Logger } from "../log.ts";
import type { LivePeers } from "./live-peers.ts";
import type { TcpConnection, TcpConnections, TcpState } from "./tcp-connections.ts";

/** With fewer open descriptors than this, or half of the descriptor limit, nothing is in danger. */
const FEW = 1024;

/**
 * TCP connections per client, as a multiple of those that may stay open: besides these, a browser has up to six for its requests,
 * and keeps them for a while.
 */
const PER_CLIENT = 2;

/** How long a connection that was never answered counts as a newcomer, which an answer may be on its way to, in milliseconds. */
const NEWCOMER = 2000;

/** How long a connection that was answered is quiet until it counts as idle, in milliseconds. */
const IDLE = 5000;

/** Descriptors that are kept free: a process without any cannot accept a connection to reject it, and tries forever. */
const RESERVE = 64;

/** Shortest interval between two inspections while there are not too many, in milliseconds. */
const INTERVAL = 5000;

/** With too many, the pause after an inspection is this multiple of its duration, which is 15 ms with 5,000 connections. */
const REST = 3;

/** The longest such pause, in milliseconds. */
const MOST_REST = 250;

/** The pause after counting is this multiple of its duration: before Linux 6.2, counting 10,000 descriptors takes 5 ms. */
const PAUSE = 20;

export interface GuardOptions {
  readonly connections: TcpConnections;
  readonly limits: Pick<ServerLimits, "maxConnections" | "maxConnectionsPerClient" | "trustProxies">;
  /** How many descriptors this process may have open. */
  readonly descriptors: number;
  /** Those that are ended last. */
  readonly live: Pick<LivePeers, "has">;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Ends TCP connections before they use up the descriptors. The server itself learns of a connection only from its first request,
 * so those that send nothing, or half a request, can only be counted here. Of a client with too many, and of all together if there are
 * too many, those that were not answered for a while go first, then idle ones, then newcomers, then those in use, and live ones last; of
 * each kind those that were quiet longest. Newcomers before the silent ones would let a flood of silence keep everyone out.
 */
export class ConnectionGuard {
  private nextCount = Number.NEGATIVE_INFINITY;
  private inspectedAt = Number.NEGATIVE_INFINITY;
  /** Duration of the last inspection, in milliseconds. */
  private took = 0;
  private warned = false;
  private readonly total: number;
  private readonly few: number;
  private readonly options: GuardOptions;

  constructor(options: GuardOptions) {
    const { limits, descriptors } = options;
    this.options = options;
    this.total = Math.min(limits.maxConnections + RESERVE, descriptors - RESERVE);
    this.few = Math.min(FEW, descriptors / 2);
  }

  /** Called many times a second. Usually only counts the descriptors, which takes a few µs. */
  onTimer(): void {
    const { connections, clock } = this.options;
    const now = clock.monotonic();
    if (now < this.nextCount) return;
    const open = connections.count() ?? this.options.descriptors;
    const counted = clock.monotonic();
    this.nextCount = counted + PAUSE * (counted - now);
    if (open < this.few) return;
    if (counted - this.inspectedAt < (open < this.total ? INTERVAL : Math.min(REST * this.took, MOST_REST)))
      return;
    this.inspect();
    this.inspectedAt = clock.monotonic();
    this.took = this.inspectedAt - counted;
  }

  /** Ends the connections that are too many. */
  private inspect(): void {
    const all = this.options.connections.all();
    const ended = this.limitClients(all);
    const left = all.filter((connection) => !ended.has(connection));
    this.end(left, left.length - this.total);
  }

  /** Ends what clients have beyond their limit. Returns it. */
  private limitClients(all: readonly TcpConnection[]): Set<TcpConnection> {
    const limit = PER_CLIENT * this.options.limits.maxConnectionsPerClient;
    const ended = new Set<TcpConnection>();
    for (const connections of this.byClient(all).values()) {
      for (const each of this.end(connections, connections.length - limit)) ended.add(each);
    }
    return ended;
  }

  /** Returns the connections of each client that has a limit. */
  private byClient(all: readonly TcpConnection[]): Map<string, TcpConnection[]> {
    const limited = all.filter(({ address }) => !this.isExempt(address));
    return Map.groupBy(limited, ({ address }) => prefixOf(address));
  }

  private isExempt(address: Address): boolean {
    const { trustProxies } = this.options.limits;
    return isLoopback(address) || trustProxies.some((network) => contains(network, address));
  }

  /** Ends `count` of these connections. */
  private end(all: readonly TcpConnection[], count: number): readonly TcpConnection[] {
    if (count <= 0) return [];
    const { connections, live, log } = this.options;
    if (!this.warned) log.warning("too many open connections: ending those that send nothing");
    this.warned = true;
    const candidates = all.map((connection) => {
      const state = connections.state(connection);
      return { connection, use: live.has(connection.peer) ? 3 : useOf(state), quiet: state.quiet };
    });
    candidates.sort((a, b) => a.use - b.use || b.quiet - a.quiet);
    const ended = candidates.slice(0, count).map(({ connection }) => connection);
    for (const connection of ended) connections.shutDown(connection);
    return ended;
  }
}

/** Returns how much a connection that is not live is in use. Idle ones and newcomers are the same kind: idle ones were quiet longer. */
function useOf({ acknowledged, quiet }: TcpState): number {
  if (acknowledged > 0n) return quiet < IDLE ? 2 : 1;
  return quiet < NEWCOMER ? 1 : 0;
}
