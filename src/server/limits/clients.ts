import type { Clock } from "../../core/clock.ts";
import { copyString } from "../../core/copy-string.ts";
import { contains, parseAddress, prefixOf, type Address, type Network } from "../../protocol/address.ts";
import type { LivePeers } from "../guard/live-peers.ts";
import type { AccessOptions } from "../http/request-context.ts";
import type { Logger } from "../log.ts";
import type { ClientLimits } from "./client-limits.ts";
import type { ClientLedger } from "./client-ledger.ts";
import { ClientTable } from "./client-table.ts";
import { clientCapacity, clientContext } from "./client-context.ts";
import { Client } from "./client.ts";
import { elementsFromEnd, lastUntrusted, readForwarded, readXForwardedFor } from "./forwarded.ts";
import { isLoopback, isPrivate } from "./networks.ts";

/** Everyone behind a local proxy that is not trusted, and everyone whose address is unknown. */
const PROXIED = "proxied";
const UNKNOWN = "unknown";

interface ClientsOptions {
  readonly limits: ClientLimits & Pick<AccessOptions, "trustProxies">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Shares the clients with other processes of the same server. */
  readonly ledger?: ClientLedger | undefined;
}

/** A peer that may forward requests of others: this machine, a trusted proxy, or a machine of the same private network. */
interface Forwarder {
  /** As the runtime writes it. */
  readonly text: string;
  readonly address: Address;
  readonly isLoopback: boolean;
  readonly isTrusted: boolean;
}

/** The clients of a server, by the prefix of their address. */
export class Clients {
  /** Connections that stay open. */
  readonly live: LivePeers;
  private readonly table: ClientTable;
  private readonly exempt: Client;
  private readonly trustedProxies: readonly Network[];
  /** A proxy that connects to `localhost` comes from 127.0.0.1 or from ::1, so trust in one is trust in both. */
  private readonly trustsLoopback: boolean;
  private readonly log: Logger;
  private warned = false;
  /** The last one seen: usually the only one. */
  private forwarder: Forwarder | undefined = undefined;

  constructor({ limits, clock, log, ledger }: ClientsOptions) {
    const context = clientContext(limits, clock);
    this.live = context.live;
    const make = ledger && ledger.make.bind(ledger);
    this.table = new ClientTable(clientCapacity(limits), context, make);
    ledger?.attach(this.table, context);
    this.exempt = new Client("loopback", context, { exempt: true });
    this.trustedProxies = limits.trustProxies;
    this.trustsLoopback = limits.trustProxies.some(({ address }) => isLoopback(address));
    this.log = log;
  }

  /** Number of clients that are remembered. */
  get size(): number {
    return this.table.size;
  }

  /** Returns the client of a request from `peer`, the address at the other end of its connection. */
  of({ headers }: Pick<Request, "headers">, peer: string): Client {
    if (this.forwarder?.text === peer) return this.forwarded(this.forwarder, headers);
    const direct = this.table.get(peer);
    if (direct !== undefined && !direct.mayForward) return direct;
    const forwarder = this.forwarderOf(peer);
    if (forwarder !== undefined) return this.forwarded(forwarder, headers);
    return this.remember(peer, this.clientOf(parseAddress(peer)));
  }

  /** Returns undefined for an address that no proxy of the operator has. */
  private forwarderOf(peer: string): Forwarder | undefined {
    const address = parseAddress(peer);
    if (address === undefined) return undefined;
    const isTrusted = this.isTrusted(address);
    if (!isTrusted && !isLoopback(address) && !isPrivate(address)) return undefined;
    this.forwarder = { text: peer, address, isLoopback: isLoopback(address), isTrusted };
    return this.forwarder;
  }

  private forwarded(forwarder: Forwarder, headers: Headers): Client {
    const chain = headers.get("x-forwarded-for");
    const standard = headers.get("forwarded");
    if (chain === null && standard === null)
      return forwarder.isLoopback ? this.exempt : this.clientOf(forwarder.address);
    if (!forwarder.isTrusted) {
      this.warn();
      return forwarder.isLoopback ? this.clientNamed(PROXIED) : this.clientOf(forwarder.address);
    }
    if (chain === null || standard !== null)
      return this.clientOf(this.reported(forwarder.address, chain, standard));
    const known = this.table.get(chain);
    if (known !== undefined && !known.mayForward) return known;
    return this.remember(chain, this.clientOf(this.reported(forwarder.address, chain, standard)));
  }

  /** Makes this text find the client next time, unless requests from there may be of other clients. */
  private remember(text: string, client: Client): Client {
    if (!client.mayForward) this.table.addAlias(text, client);
    return client;
  }

  /**
   * Returns the address that trusted proxies report. With both headers they have to agree: a proxy sets one and passes on the
   * other, which a client may have written.
   */
  private reported(peer: Address, chain: string | null, standard: string | null): Address {
    const isTrusted = (address: Address) => this.isTrusted(address);
    const read = (list: string | null, element: typeof readForwarded) =>
      list === null ? undefined : lastUntrusted(peer, elementsFromEnd(list), element, isTrusted);
    const first = read(chain, readXForwardedFor);
    const second = read(standard, readForwarded);
    if (first === undefined || second === undefined) return first ?? second ?? peer;
    return prefixOf(first) === prefixOf(second) ? first : peer;
  }

  private clientOf(address: Address | undefined): Client {
    if (address === undefined) return this.clientNamed(UNKNOWN);
    const key = prefixOf(address);
    const mayForward = isLoopback(address) || isPrivate(address) || this.isTrusted(address);
    return this.table.get(key) ?? this.table.add(copyString(key), { mayForward });
  }

  private clientNamed(key: string): Client {
    return this.table.get(key) ?? this.table.add(key, { mayForward: false });
  }

  private isTrusted(address: Address): boolean {
    if (this.trustsLoopback && isLoopback(address)) return true;
    return this.trustedProxies.some((network) => contains(network, address));
  }

  private warn(): void {
    if (this.warned) return;
    this.warned = true;
    this.log.warning(
      "requests carry X-Forwarded-For or Forwarded, so there is a proxy, but it is not trusted: all of its clients share the " +
        "limits of one. Set --trust-proxy to the address of the proxy, such as 127.0.0.1",
    );
  }
}
