import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { accepts, FLAGS } from "../../../test-support/packet-filter.ts";
import { ipv4, prefixOf, type Address } from "../../protocol/address.ts";
import { synFilter } from "./syn-filter.ts";

// Many cases on a busy machine.
setDefaultTimeout(60_000);

/** Few values, so that addresses are often the same in parts. */
const group = fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff);
const address: fc.Arbitrary<Address> = fc.oneof(
  fc.tuple(group, group).map(([high, low]) => ipv4(high, low)),
  fc.array(group, { minLength: 7, maxLength: 7 }).map((groups) => [0x2001, ...groups]),
);

test("drops what starts a connection from a client, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(address, { maxLength: 32 }),
      fc.nat(31),
      address,
      fc.nat(255),
      (clients, index, other, flags) => {
        const program = synFilter(clients);
        const { FIN, SYN, RST, ACK } = FLAGS;
        for (const source of [clients[index] ?? other, other]) {
          const starts = (flags & (FIN | SYN | RST | ACK)) === SYN;
          const isClient = clients.some((client) => prefixOf(client) === prefixOf(source));
          expect(accepts(program, { source, flags })).toBe(!(starts && isClient));
        }
      },
    ),
    { numRuns: 5000 },
  );
});

test("a congestion-aware attempt to connect is dropped as well, and its answers are not", () => {
  const source = ipv4(0xcb00, 0x7109);
  const program = synFilter([source]);
  const { SYN, ACK, ECE, CWR } = FLAGS;
  expect(accepts(program, { source, flags: SYN | ECE | CWR })).toBe(false);
  expect(accepts(program, { source, flags: SYN | ACK })).toBe(true);
});
