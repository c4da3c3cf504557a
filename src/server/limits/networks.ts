import { contains, parseNetwork, type Address, type Network } from "../../protocol/address.ts";

const LOOPBACK = networks("127.0.0.0/8", "::1");

/** RFC 1918, RFC 3927, RFC 6598, RFC 4193 and RFC 4291 §2.5.6. */
const PRIVATE = networks(
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
  "fe80::/10",
);

/** Reports whether this is an address of this machine itself. */
export function isLoopback(address: Address): boolean {
  return LOOPBACK.some((network) => contains(network, address));
}

/** Reports whether this is an address of a private network, where a proxy of the same operator may be. */
export function isPrivate(address: Address): boolean {
  return PRIVATE.some((network) => contains(network, address));
}

function networks(...texts: string[]): Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}
