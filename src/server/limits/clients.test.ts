import { describe, expect, test, setDefaultTimeout } from "bun:test";
import * as fc from "fast-check";
import { parseNetwork } from "../../protocol/address.ts";
import { ServerLog } from "../log.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { testLimits } from "../../../test-support/limits.ts";
import { Clients } from "./clients.ts";

// Many cases on a busy machine.
setDefaultTimeout(60_000);

const clock = new ManualClock();

function clientsWith(...trusted: string[]): { clients: Clients; logged: string[] } {
  const logged: string[] = [];
  const log = new ServerLog((line) => logged.push(line), clock);
  const limits = testLimits({ trustProxies: trusted.flatMap((text) => parseNetwork(text) ?? []) });
  return { clients: new Clients({ limits, clock, log }), logged };
}

/** The key of the client of a request. */
function keyOf(
  clients: Clients,
  peer: string,
  headers: Record<string, string> | [string, string][] = {},
): string {
  return clients.of({ headers: new Headers(headers) }, peer).key;
}

describe("without a trusted proxy", () => {
  test("a client is an IPv4 address or an IPv6 /64", () => {
    const { clients } = clientsWith();
    for (let round = 0; round < 2; round++) {
      expect(keyOf(clients, "203.0.113.7")).toBe("203.0.113.7");
      expect(keyOf(clients, "::ffff:203.0.113.7")).toBe("203.0.113.7");
      expect(keyOf(clients, "203.0.113.8")).toBe("203.0.113.8");
      expect(keyOf(clients, "2001:db8:0:1::1")).toBe("2001:db8:0:1::/64");
      expect(keyOf(clients, "2001:db8::1:ffff:ffff:ffff:ffff")).toBe("2001:db8:0:1::/64");
    }
    expect(clients.size).toBe(3);
  });

  test("headers of a client do not matter", () => {
    const { clients, logged } = clientsWith();
    for (let i = 0; i < 1000; i++) {
      const rotated = { "x-forwarded-for": `198.51.100.${i & 255}`, forwarded: `for=198.51.100.${i & 255}` };
      expect(keyOf(clients, "203.0.113.7", rotated)).toBe("203.0.113.7");
    }
    expect(clients.size).toBe(1);
    expect(logged).toEqual([]);
  });

  test("loopback is exempt, unless there is a proxy: then all share one client, and the log says so once", () => {
    const { clients, logged } = clientsWith();
    for (const peer of ["127.0.0.1", "::ffff:127.0.0.1", "127.9.9.9", "::1"]) {
      expect(clients.of({ headers: new Headers() }, peer).payer).toBeUndefined();
      expect(keyOf(clients, peer, { "x-forwarded-for": "203.0.113.7" })).toBe("proxied");
      expect(keyOf(clients, peer, { forwarded: "for=203.0.113.8" })).toBe("proxied");
      expect(keyOf(clients, peer, { "x-forwarded-for": "" })).toBe("proxied");
    }
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain("--trust-proxy");
    expect(logged[0]).not.toContain("203.0.113");
  });

  test("a proxy in a private network is one client, and the log says so once", () => {
    const { clients, logged } = clientsWith();
    for (const peer of ["172.17.0.1", "10.0.0.1", "fd00::1"])
      expect(keyOf(clients, peer, { "x-forwarded-for": "203.0.113.7" })).not.toBe("203.0.113.7");
    expect(logged).toHaveLength(1);
  });

  test("an unknown address is one client, and is not exempt", () => {
    const { clients } = clientsWith();
    expect(keyOf(clients, "")).toBe("unknown");
    expect(clients.of({ headers: new Headers() }, "").payer).toBeDefined();
  });
});

describe("with a trusted proxy", () => {
  const cases: [title: string, headers: Record<string, string>, key: string][] = [
    ["no header", {}, "10.0.0.1"],
    ["one address", { "x-forwarded-for": "203.0.113.7" }, "203.0.113.7"],
    [
      "what a client invented stands before",
      { "x-forwarded-for": "1.1.1.1, 2.2.2.2, 203.0.113.7" },
      "203.0.113.7",
    ],
    ["two trusted proxies", { "x-forwarded-for": "1.1.1.1, 203.0.113.7, 10.0.0.2" }, "203.0.113.7"],
    ["only trusted proxies", { "x-forwarded-for": "10.0.0.3,10.0.0.2" }, "10.0.0.3"],
    ["a port", { "x-forwarded-for": "203.0.113.7:4711" }, "203.0.113.7"],
    ["IPv6", { "x-forwarded-for": "2001:db8::7" }, "2001:db8:0:0::/64"],
    ["IPv6 in brackets", { "x-forwarded-for": "[2001:db8::7]" }, "2001:db8:0:0::/64"],
    ["IPv6 in brackets with a port", { "x-forwarded-for": "[2001:db8::7]:80" }, "2001:db8:0:0::/64"],
    ["IPv4-mapped", { "x-forwarded-for": "::ffff:203.0.113.7" }, "203.0.113.7"],
    ["a trusted proxy, IPv4-mapped", { "x-forwarded-for": "203.0.113.7, ::ffff:10.0.0.2" }, "203.0.113.7"],
    ["no address", { "x-forwarded-for": "203.0.113.7, unknown" }, "10.0.0.1"],
    ["no address behind a second proxy", { "x-forwarded-for": "203.0.113.7, x, 10.0.0.2" }, "10.0.0.2"],
    ["empty", { "x-forwarded-for": "" }, "10.0.0.1"],
    ["an empty element", { "x-forwarded-for": "203.0.113.7," }, "10.0.0.1"],
    ["the name of a key", { "x-forwarded-for": "proxied" }, "10.0.0.1"],
    ["the name of an IPv6 key", { "x-forwarded-for": "2001:db8:0:0::/64" }, "10.0.0.1"],
    ["loopback, which is not exempt", { "x-forwarded-for": "127.0.0.1" }, "127.0.0.1"],
    ["octal", { "x-forwarded-for": "0203.0.113.7" }, "10.0.0.1"],
    ["a huge element", { "x-forwarded-for": `203.0.113.7, ${"9".repeat(8000)}` }, "10.0.0.1"],
    ["too many proxies", { "x-forwarded-for": `203.0.113.7${", 10.0.0.2".repeat(100)}` }, "10.0.0.2"],
    ["Forwarded", { forwarded: "for=203.0.113.7" }, "203.0.113.7"],
    ["Forwarded, all parameters", { forwarded: "For=203.0.113.7;proto=http; by=10.0.0.1" }, "203.0.113.7"],
    ["Forwarded, second", { forwarded: 'by=x;for="203.0.113.7:80"' }, "203.0.113.7"],
    ["Forwarded, IPv6", { forwarded: 'for="[2001:db8::7]:4711"' }, "2001:db8:0:0::/64"],
    ["Forwarded, after what a client invented", { forwarded: "for=1.1.1.1, for=203.0.113.7" }, "203.0.113.7"],
    [
      "Forwarded, a quote opened by the client",
      { forwarded: 'for="1.1.1.1, for=203.0.113.7' },
      "203.0.113.7",
    ],
    ["Forwarded, a comma in quotes", { forwarded: 'for=203.0.113.7;host="a,b"' }, "203.0.113.7"],
    ["Forwarded, obfuscated", { forwarded: "for=203.0.113.7, for=_hidden" }, "10.0.0.1"],
    ["Forwarded, unknown", { forwarded: "for=unknown" }, "10.0.0.1"],
    ["Forwarded, twice in one element", { forwarded: "for=1.1.1.1;for=203.0.113.7" }, "10.0.0.1"],
    ["Forwarded, without for", { forwarded: "proto=https" }, "10.0.0.1"],
    ["Forwarded, escaped", { forwarded: 'for="203.0.113\\.7"' }, "10.0.0.1"],
    ["both agree", { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" }, "203.0.113.7"],
    ["both disagree", { "x-forwarded-for": "203.0.113.7", forwarded: "for=1.1.1.1" }, "10.0.0.1"],
  ];
  test.each(cases)("%s", (_, headers, key) => {
    const { clients, logged } = clientsWith("10.0.0.0/8");
    // The second time, the client is known.
    for (let round = 0; round < 2; round++) expect(keyOf(clients, "10.0.0.1", headers)).toBe(key);
    expect(logged).toEqual([]);
  });

  test("headers of several lines are one list", () => {
    const { clients } = clientsWith("10.0.0.0/8");
    const lines: [string, string][] = [
      ["x-forwarded-for", "1.1.1.1"],
      ["x-forwarded-for", "203.0.113.7"],
    ];
    expect(keyOf(clients, "10.0.0.1", lines)).toBe("203.0.113.7");
  });

  test("a proxy on this machine is trusted over IPv4 and IPv6", () => {
    for (const trusted of ["127.0.0.1", "::1", "127.0.0.0/8"]) {
      const { clients, logged } = clientsWith(trusted);
      for (const peer of ["127.0.0.1", "::ffff:127.0.0.1", "::1"])
        expect(keyOf(clients, peer, { "x-forwarded-for": "203.0.113.7" })).toBe("203.0.113.7");
      expect(logged).toEqual([]);
    }
  });

  test("others are not believed, and loopback with a header is not exempt", () => {
    const { clients } = clientsWith("127.0.0.1");
    expect(keyOf(clients, "203.0.113.9", { "x-forwarded-for": "1.1.1.1" })).toBe("203.0.113.9");
    expect(keyOf(clients, "127.0.0.1", { "x-forwarded-for": "garbage" })).toBe("127.0.0.1");
    expect(
      clients.of({ headers: new Headers({ "x-forwarded-for": "garbage" }) }, "127.0.0.1").payer,
    ).toBeDefined();
    expect(clients.of({ headers: new Headers() }, "127.0.0.1").payer).toBeUndefined();
  });

  test("whatever a client writes, it is who the proxy says it is", () => {
    const { clients } = clientsWith("10.0.0.0/8");
    const text = fc.oneof(
      fc.stringMatching(/^[ -~]{0,60}$/),
      fc
        .array(fc.constantFrom("for=", '"', ",", ";", "\\", "10.0.0.2", "1.1.1.1", " ", "[::1]"))
        .map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (invented) => {
        expect(keyOf(clients, "10.0.0.1", { "x-forwarded-for": `${invented}, 203.0.113.7` })).toBe(
          "203.0.113.7",
        );
        expect(keyOf(clients, "10.0.0.1", { forwarded: `${invented}, for=203.0.113.7` })).toBe("203.0.113.7");
      }),
      { numRuns: 1000 },
    );
  });
});

test("the number of clients is bounded, whatever addresses they have", () => {
  const log = new ServerLog(() => {}, clock);
  const clients = new Clients({ limits: testLimits({ maxConnections: 16 }), clock, log });
  for (let i = 0; i < 40_000; i++) keyOf(clients, `203.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
  expect(clients.size).toBe(16_384 + 16);
});
