import type { Address } from "../../protocol/address.ts";

/** The other end of a connection, an address and a port, as a number. The odds that two of them have the same are 1 in 4 billion. */
export type Peer = number;

const PORTS = 65_536;

/** Random, so that nobody can choose an address that is taken for another. Odd, so that different IPv4 addresses rarely collide. */
const FACTORS = Array.from(crypto.getRandomValues(new Uint32Array(8)), (random) => random | 1);

export function peerOf(address: Address, port: number): Peer {
  // Multilinear hashing (Carter and Wegman 1979) modulo 2^32.
  const hash = address.reduce((sum, group, i) => (sum + Math.imul(group, FACTORS[i] ?? 1)) | 0, 0);
  return (hash >>> 0) * PORTS + port;
}

/** The other ends of connections that clients keep open on purpose: live responses, WebSockets, long polls and large pages. */
export class LivePeers {
  private readonly counts = new Map<Peer, number>();

  /** @param peer undefined if it is not known; such a connection counts as silent */
  add(peer: Peer | undefined): void {
    if (peer !== undefined) this.counts.set(peer, (this.counts.get(peer) ?? 0) + 1);
  }

  /** Each call follows one of {@link add}. */
  remove(peer: Peer | undefined): void {
    if (peer === undefined) return;
    const left = (this.counts.get(peer) ?? 1) - 1;
    if (left === 0) this.counts.delete(peer);
    else this.counts.set(peer, left);
  }

  has(peer: Peer): boolean {
    return this.counts.has(peer);
  }
}
