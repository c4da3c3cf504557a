// The connections of an end of a pipe are cut at many points of handshake and conversation.
import { expect, test } from "bun:test";
import { Malten, type TransportName } from "../../src/client/index.ts";
import { Network } from "../../test-support/client/network.ts";
import { closing, hostileSuite } from "./network.ts";
import { PipeEndUnderTest, TALKED, talk } from "./pipe-ends.ts";

const server = hostileSuite();

/** How long a test may take on a busy machine, in milliseconds. */
const TIMEOUT = 60_000;

/** Bytes that reach an end before each of its first connections is cut: fewer and more than the handshake has. */
const CUTS = Array.from({ length: 20 }, (_, i) => 97 + 661 * i);

/** Connections that are cut, in a row. */
const CUT_CONNECTIONS = 3;

/** A network of its own for each end. */
async function networkOf(transport: TransportName): Promise<{ network: Network; malten: Malten }> {
  const network = await Network.open(server().port);
  closing({ close: () => network[Symbol.dispose]() });
  return {
    network,
    malten: closing(new Malten(`http://127.0.0.1:${network.port}`, { transports: [transport] })),
  };
}

for (const [transport, cuts] of [
  ["websocket", CUTS],
  ["sse", CUTS.filter((_, i) => i % 3 === 0)],
] as const)
  for (const whose of ["opener", "joiner"] as const)
    test(
      `over ${transport}, the conversation is the same wherever the connection of the ${whose} is cut`,
      async () => {
        await Promise.all(
          cuts.map(async (bytes) => {
            const opener = await networkOf(transport);
            const joiner = await networkOf(transport);
            const one = await PipeEndUnderTest.opener(opener.malten);
            const { fuses } = whose === "opener" ? opener.network : joiner.network;
            fuses.push(...Array.from({ length: CUT_CONNECTIONS }, () => bytes));
            const other = await PipeEndUnderTest.joiner(one, joiner.malten);
            expect(await talk(one, other)).toEqual(TALKED);
            expect(one.pipe.words).toHaveLength(6);
            expect(other.pipe.words).toEqual(one.pipe.words);
            // Both directions of the conversation have about 20,000 bytes.
            if (bytes < 6000) expect(fuses).toEqual([]);
          }),
        );
      },
      TIMEOUT,
    );
