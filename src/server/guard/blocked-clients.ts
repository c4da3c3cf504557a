import type { Clock } from "../../core/clock.ts";
import type { Counters } from "../../core/counters.ts";
import { parseAddress, prefixOf, type Address } from "../../protocol/address.ts";
import type { Client } from "../limits/client.ts";
import type { Logger } from "../log.ts";
import type { ListenerFilter } from "./listener-filter.ts";
import { synFilter } from "./syn-filter.ts";

/** How long a client is blocked, in milliseconds: the first time, and at most. Each time is twice as long as the one before. */
const FIRST = 2000;
const LONGEST = 16_000;

/** How long after that a client counts as new again, in milliseconds. */
const PROBATION = 60_000;

/** Clients that are blocked at a time, or were lately. The kernel compares each new connection with those that are. */
const MOST = 32;

interface BlockedClientsOptions {
  readonly filter: ListenerFilter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Pick<Counters, "blocked">;
}

interface Block {
  readonly address: Address;
  /** In milliseconds. */
  readonly duration: number;
  readonly until: number;
}

/**
 * Blocks clients that keep connecting although they are refused: for some seconds, the kernel ignores their attempts. Otherwise they
 * would fill the queue of connections that wait to be accepted, and everyone else would wait behind them. What they have open
 * stays open. Only clients that connect themselves: a proxy is never blocked, and limits what it forwards itself.
 */
export class BlockedClients {
  private readonly blocks = new Map<string, Block>();
  /** When the first block ends. */
  private nextEnd = Number.POSITIVE_INFINITY;
  private isSupported = true;
  private warned = false;
  private readonly options: BlockedClientsOptions;

  constructor(options: BlockedClientsOptions) {
    this.options = options;
  }

  /**
   * Counts a connection that is closed because a request of this client was refused.
   * @param address the other end of the connection
   */
  refused(client: Client, address: string): void {
    // An address where a proxy may be, even one that is not trusted, may be that of many clients.
    if (client.mayForward || !this.isSupported) return;
    const source = parseAddress(address);
    if (source === undefined || prefixOf(source) !== client.key) return;
    if (!client.chargeRefusedConnection()) this.block(client.key, source);
  }

  /** Ends blocks. Called many times a second. */
  onTimer(): void {
    if (this.options.clock.monotonic() >= this.nextEnd) this.apply();
  }

  /** Blocks the same clients on listening sockets that are new. */
  refresh(): void {
    this.options.filter.refresh();
    if (Number.isFinite(this.nextEnd)) this.apply();
  }

  private block(key: string, address: Address): void {
    const { clock, counters } = this.options;
    const now = clock.monotonic();
    const last = this.blocks.get(key);
    if (last !== undefined && now < last.until) return;
    if (last === undefined && !this.makeRoom(now)) return;
    const isRepeated = last !== undefined && now < last.until + PROBATION;
    const duration = isRepeated ? Math.min(2 * last.duration, LONGEST) : FIRST;
    this.blocks.set(key, { address, duration, until: now + duration });
    counters.blocked++;
    this.apply();
  }

  /** Forgets a client that is not blocked any more, if there are too many. Returns false if all are blocked. */
  private makeRoom(now: number): boolean {
    if (this.blocks.size < MOST) return true;
    for (const [key, { until }] of this.blocks) {
      if (until <= now) return this.blocks.delete(key);
    }
    return false;
  }

  /** Tells the kernel which clients are blocked now. */
  private apply(): void {
    const { clock, filter } = this.options;
    const now = clock.monotonic();
    const active = Array.from(this.blocks.values()).filter(({ until }) => now < until);
    this.nextEnd = Math.min(...active.map(({ until }) => until));
    if (active.length === 0) filter.set(undefined);
    else this.warn(filter.set(synFilter(active.map(({ address }) => address))));
  }

  private warn(isSupported: boolean): void {
    this.isSupported = isSupported;
    if (this.warned) return;
    this.warned = true;
    this.options.log.warning(
      isSupported
        ? "a client keeps connecting although it is refused: ignoring its new connections for some seconds"
        : "a client keeps connecting although it is refused, and the system cannot ignore it: others may wait",
    );
  }
}
