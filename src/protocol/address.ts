/** An IP address as eight groups of 16 bits. IPv4 is kept as IPv4-mapped IPv6, `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
export type Address = readonly number[];

/** A range of addresses: those whose first `bits` bits, of 128, are those of `address`. */
export interface Network {
  readonly address: Address;
  readonly bits: number;
}

const GROUPS = 8;
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/** Longer than any address in any notation. Everything longer is rejected before it is looked at. */
const MAX_LENGTH = 45;

/** Returns an IPv4 address of two groups of 16 bits. */
export function ipv4(high: number, low: number): Address {
  return [...MAPPED, high, low];
}

/** Reads an IPv4 address in dotted decimals, or an IPv6 address (RFC 4291 §2.2) without a zone; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (!text.includes(":")) {
    const low = parseIpv4(text);
    return low === undefined ? undefined : ipv4(...low);
  }
  const gap = text.indexOf("::");
  if (gap === -1) {
    const groups = parseGroups(text);
    return groups?.length === GROUPS ? groups : undefined;
  }
  const head = gap === 0 ? [] : parseGroups(text.slice(0, gap), false);
  const tail = gap + 2 === text.length ? [] : parseGroups(text.slice(gap + 2));
  if (head === undefined || tail === undefined) return undefined;
  const missing = GROUPS - head.length - tail.length;
  // "::" stands for at least one group.
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** Reads an address, or a range of them in CIDR notation (RFC 4632 §3.1); undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [base = "", length, ...more] = text.split("/");
  const address = parseAddress(base);
  if (address === undefined || more.length > 0) return undefined;
  const most = base.includes(":") ? 128 : 32;
  if (length === undefined) return { address, bits: 128 };
  if (!/^[0-9]{1,3}$/.test(length) || Number(length) > most) return undefined;
  return { address, bits: Number(length) + 128 - most };
}

/** Reports whether a network contains an address. */
export function contains({ address: base, bits }: Network, address: Address): boolean {
  for (let i = 0; i < GROUPS && i * 16 < bits; i++) {
    const ignored = Math.max(0, (i + 1) * 16 - bits);
    if ((base[i] ?? 0) >> ignored !== (address[i] ?? 0) >> ignored) return false;
  }
  return true;
}

/** Reports whether this is an IPv4 address. */
export function isIpv4(address: Address): boolean {
  return MAPPED.every((group, i) => address[i] === group);
}

/** Returns the text of a prefix by which a client is known: an IPv4 address, or an IPv6 /64, which one customer usually gets. */
export function prefixOf(address: Address): string {
  if (isIpv4(address)) {
    const [high = 0, low = 0] = address.slice(MAPPED.length);
    return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
  }
  const groups = address.slice(0, 4).map((group) => group.toString(16));
  return `${groups.join(":")}::/64`;
}

function parseIpv4(text: string): [number, number] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  // A leading zero is rejected: some programs read it as octal.
  if (!parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return Math.max(a, b, c, d) > 255 ? undefined : [(a << 8) | b, (c << 8) | d];
}

/** Reads groups separated by colons; the last two may be an IPv4 address. */
function parseGroups(text: string, mayEndInIpv4 = true): number[] | undefined {
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const low = mayEndInIpv4 && i === parts.length - 1 ? parseIpv4(part) : undefined;
      if (low === undefined) return undefined;
      groups.push(...low);
    }
  }
  return groups.length > GROUPS ? undefined : groups;
}
