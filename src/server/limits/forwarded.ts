import { parseAddress, type Address } from "../../protocol/address.ts";

/** Proxies that are read, from the last one. A longer chain is not read to its end. */
const MAX_HOPS = 16;

/** An address with a port and brackets, or the name of a parameter with it. Longer elements are not read. */
const MAX_ELEMENT = 128;

/**
 * Finds the address of a client in what proxies report: the last address that does not belong to a trusted proxy.
 *
 * Reads from the end, because only what trusted proxies appended can be believed. An element that is no address ends the search:
 * the trusted proxy that reported it then counts as the client, for all such requests.
 *
 * @param peer the address of the last proxy, which is trusted
 * @param elements what the proxies reported, last first
 */
export function lastUntrusted(
  peer: Address,
  elements: Iterable<string>,
  read: (element: string) => Address | undefined,
  isTrusted: (address: Address) => boolean,
): Address {
  let client = peer;
  let hops = 0;
  for (const element of elements) {
    const address = ++hops > MAX_HOPS ? undefined : read(element);
    if (address === undefined) return client;
    if (!isTrusted(address)) return address;
    client = address;
  }
  return client;
}

/** Returns the elements of a comma-separated list from last to first. A comma in a quoted string (RFC 9110 §5.6.4) separates nothing. */
export function* elementsFromEnd(list: string): Generator<string, void, undefined> {
  let end = list.length;
  let quoted = false;
  for (let i = list.length - 1; i >= -1; i--) {
    const character = i === -1 ? "," : list[i];
    if (character === '"') quoted = !quoted;
    if (character !== "," || (quoted && i !== -1)) continue;
    yield list.slice(i + 1, end).trim();
    end = i;
  }
}

/** Reads an element of `X-Forwarded-For`: an address, which may have a port. IPv6 with a port is in brackets. */
export function readXForwardedFor(element: string): Address | undefined {
  return element.length > MAX_ELEMENT ? undefined : parseNode(element);
}

/** Reads an element of `Forwarded` (RFC 7239 §4): the address in its `for` parameter. An obfuscated one is not an address. */
export function readForwarded(element: string): Address | undefined {
  if (element.length > MAX_ELEMENT) return undefined;
  let found: string | undefined;
  for (const pair of element.split(";")) {
    const equals = pair.indexOf("=");
    if (pair.slice(0, equals).trim().toLowerCase() !== "for") continue;
    // With two of them, a client could choose which one counts.
    if (found !== undefined) return undefined;
    found = pair.slice(equals + 1).trim();
  }
  if (found === undefined) return undefined;
  const isQuoted = found.length >= 2 && found.startsWith('"') && found.endsWith('"');
  return parseNode(isQuoted ? found.slice(1, -1) : found);
}

/** Reads a node (RFC 7239 §6): `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`, and a bare IPv6 address. */
function parseNode(node: string): Address | undefined {
  if (node.startsWith("[")) {
    const end = node.indexOf("]");
    return end !== -1 && isPort(node.slice(end + 1)) ? parseIpv6(node.slice(1, end)) : undefined;
  }
  const colon = node.indexOf(":");
  if (colon === -1 || colon !== node.lastIndexOf(":")) return parseAddress(node);
  return isPort(node.slice(colon)) ? parseAddress(node.slice(0, colon)) : undefined;
}

function parseIpv6(text: string): Address | undefined {
  return text.includes(":") ? parseAddress(text) : undefined;
}

function isPort(text: string): boolean {
  return text === "" || /^:[0-9]{1,5}$/.test(text);
}
