import { hostname } from "node:os";
import { parseAddress } from "../../protocol/address.ts";
import { Problem } from "../../protocol/problem.ts";

/** Suffixes of names in local networks. Nobody can register a domain below them: RFC 6762, RFC 8375, ICANN's list of reserved names. */
const LOCAL_SUFFIXES = ["", ".local", ".lan", ".home.arpa", ".internal"];

/** Longest host in an error message. */
const MAX_QUOTED = 64;

/**
 * The hosts that requests may be for. A web page whose domain name suddenly means an address of the operator's network (DNS
 * rebinding) would otherwise count as the server's own page. Addresses are allowed, because they need no name that someone could
 * point elsewhere, as are the names of this machine.
 */
export class AllowedHosts {
  private readonly names: ReadonlySet<string>;
  private readonly allowsAll: boolean;

  /**
   * @param allowed names that the operator allows besides the default ones; `*` allows all
   * @param listensOn what the server listens on; undefined: all addresses
   * @param machine the name of this machine
   */
  constructor(allowed: readonly string[], listensOn?: string, machine = hostname()) {
    const [short = ""] = machine.split(".");
    const machines = [machine, ...LOCAL_SUFFIXES.map((suffix) => `${short}${suffix}`)];
    const given = [...allowed, ...(listensOn === undefined ? [] : [listensOn])];
    this.names = new Set(["localhost", ...machines, ...given].map(normalize));
    this.allowsAll = allowed.includes("*");
  }

  /** @param authority the host of the request's URL, which may have a port. @throws Problem `misdirected` */
  check(authority: string): void {
    if (this.allowsAll) return;
    const name = normalize(withoutPort(authority));
    if (this.names.has(name) || name.endsWith(".localhost") || isAddress(name)) return;
    // The URL is valid, so its host has no character that could affect a terminal.
    const quoted = name.length <= MAX_QUOTED ? ` "${name}"` : "";
    throw new Problem(
      "misdirected",
      `This server does not answer requests for the host${quoted}. Its operator can allow it with --allow-host or MALTEN_ALLOW_HOST`,
    );
  }
}

function isAddress(name: string): boolean {
  return parseAddress(name.startsWith("[") ? name.slice(1, -1) : name) !== undefined;
}

function withoutPort(authority: string): string {
  const colon = authority.lastIndexOf(":");
  return colon > authority.lastIndexOf("]") ? authority.slice(0, colon) : authority;
}

/** Lower case, and without the dot that may end a domain name. */
function normalize(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
