// No key encrypts two messages with one counter, whatever happens to connections.
import { expect, test } from "bun:test";
import { create, open } from "../../src/client/encrypted/index.ts";
import { failure } from "../../test-support/client/states.ts";
import { clientOf, hostileSuite, proxyOf } from "./network.ts";
import { expectUniqueNonces } from "./nonces.ts";
import { PipeEndUnderTest, TALKED, talk } from "./pipe-ends.ts";
import type { TamperingProxy } from "./tampering-proxy.ts";

const server = hostileSuite();

/** How long a test may take on a busy machine, in milliseconds. */
const TIMEOUT = 60_000;

/** The messages that a client sent, each as often as it did. */
function framesOf({ heard }: TamperingProxy): string[] {
  return heard.filter((frame) => frame.includes('"Type":"message"'));
}

test("the check finds a counter that is used twice", () => {
  const envelope = (last: number) =>
    `~1.${Buffer.concat([Buffer.of(1), Buffer.alloc(96), Buffer.of(0x07), Buffer.alloc(300, last)]).toString("base64url")}`;
  expect(expectUniqueNonces([envelope(1), envelope(1)])).toEqual([1]);
  expect(() => expectUniqueNonces([envelope(1), envelope(2)])).toThrow();
});

test(
  "messages that are sent again are the same bytes, and those given up use up their counter",
  async () => {
    const proxy = proxyOf(server());
    const owner = await create(clientOf(proxy));
    const again = await open(owner.links.writer ?? "", { malten: clientOf(proxy) });
    await owner.send("0");
    // The connection breaks before the answers to what was sent.
    proxy.down = (item) => (item.Type === "ack" ? [] : [item]);
    const unanswered = Promise.withResolvers<void>();
    proxy.up = (frame) => {
      if (framesOf(proxy).length === 9) unanswered.resolve();
      return [frame];
    };
    const sending = Array.from({ length: 9 }, (_, i) => [
      owner.send(`owner ${i}`),
      again.send(`again ${i}`),
    ]).flat();
    await unanswered.promise;
    proxy.down = (item) => [item];
    proxy.disconnect();
    await Promise.all(sending);
    proxy.up = () => [];
    // Long enough to be sent, also by a busy machine.
    expect(await failure(owner.send("lost", { timeout: 2000 }))).toMatchObject({ code: "uncertain" });
    proxy.up = (frame) => [frame];
    await owner.send("after");
    expect(new Set(expectUniqueNonces(proxy.heard))).toEqual(new Set([12, 9]));
    expect(framesOf(proxy).length).toBeGreaterThan(21 + 7);
  },
  TIMEOUT,
);

test(
  "both ends of a pipe use a key for each frame, also when frames are lost",
  async () => {
    const proxies = [proxyOf(server()), proxyOf(server())] as const;
    const one = await PipeEndUnderTest.opener(clientOf(proxies[0]));
    const other = await PipeEndUnderTest.joiner(one, clientOf(proxies[1]));
    await Promise.all([one.pipe.joined, other.pipe.joined]);
    const talking = talk(one, other);
    proxies[1].disconnect();
    expect(await talking).toEqual(TALKED);
    for (const { heard } of proxies) {
      const [count = 0, ...rest] = expectUniqueNonces(heard);
      expect([count >= 12, rest]).toEqual([true, []]);
    }
  },
  TIMEOUT,
);
