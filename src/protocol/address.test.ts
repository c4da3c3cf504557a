import { describe, expect, test, setDefaultTimeout } from "bun:test";
import * as fc from "fast-check";
import { BlockList, isIP } from "node:net";
import { contains, isIpv4, parseAddress, parseNetwork, prefixOf, type Address } from "./address.ts";

// Many cases on a busy machine.
setDefaultTimeout(60_000);

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

/** Texts that are almost addresses. */
const nearly = fc.stringMatching(/^[0-9a-fA-F:.]{0,48}$/);

function parsed(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

describe("addresses", () => {
  test("all that the runtime accepts are accepted, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, nearly), (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    "",
    " ",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4:80",
    "0x7f.0.0.1",
    "2130706433",
    "::1%lo",
    "1::2::3",
    ":::",
    ":",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::1:2:3:4:5:6:7:8",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "12345::",
    "[::1]",
    "localhost",
    `${"1:".repeat(10_000)}1`,
    `${"0".repeat(20_000)}.0.0.1`,
  ])("%p is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("IPv4-mapped IPv6 is IPv4, however it is written", () => {
    for (const text of ["::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.7"])
      expect(parsed(text)).toEqual(parsed("203.0.113.7"));
    expect(isIpv4(parsed("::ffff:1.2.3.4"))).toBe(true);
    expect(isIpv4(parsed("::1.2.3.4"))).toBe(false);
  });
});

describe("prefixes", () => {
  test("an IPv4 address is its own prefix, in its usual form", () => {
    fc.assert(fc.property(ipv4, (text) => expect(prefixOf(parsed(text))).toBe(text)));
    fc.assert(fc.property(ipv4, (text) => expect(prefixOf(parsed(`::ffff:${text}`))).toBe(text)));
  });

  test("addresses of one IPv6 /64 have the same prefix, others another one", () => {
    fc.assert(
      fc.property(ipv6, ipv6, (first, second) => {
        const [a, b] = [parsed(first), parsed(second)];
        fc.pre(!isIpv4(a) && !isIpv4(b));
        const same = a.slice(0, 4).join() === b.slice(0, 4).join();
        expect(prefixOf(a) === prefixOf(b)).toBe(same);
      }),
    );
    expect(prefixOf(parsed("2001:db8:0:1::1"))).toBe("2001:db8:0:1::/64");
    expect(prefixOf(parsed("2001:DB8:0:1:ffff:ffff:ffff:ffff"))).toBe("2001:db8:0:1::/64");
  });
});

describe("networks", () => {
  test("contain what the runtime's block list contains", () => {
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 0, max: 32 }), ipv4, (base, bits, other) => {
        const list = new BlockList();
        list.addSubnet(base, bits);
        const network = parseNetwork(`${base}/${bits}`);
        expect(network && contains(network, parsed(other))).toBe(list.check(other));
      }),
    );
    fc.assert(
      fc.property(ipv6, fc.integer({ min: 0, max: 128 }), ipv6, (base, bits, other) => {
        fc.pre(!isIpv4(parsed(base)) && !isIpv4(parsed(other)));
        const list = new BlockList();
        list.addSubnet(base, bits, "ipv6");
        const network = parseNetwork(`${base}/${bits}`);
        expect(network && contains(network, parsed(other))).toBe(list.check(other, "ipv6"));
      }),
    );
  });

  test("an address alone is a network of one", () => {
    const network = parseNetwork("10.1.2.3");
    expect(network && contains(network, parsed("10.1.2.3"))).toBe(true);
    expect(network && contains(network, parsed("10.1.2.2"))).toBe(false);
  });
});
