import { expect, test } from "bun:test";
import { parseAddress } from "../../protocol/address.ts";
import { LivePeers, peerOf } from "./live-peers.ts";

test("a peer is live until all that is open there is closed", () => {
  const live = new LivePeers();
  live.add(1);
  live.add(1);
  live.remove(1);
  expect(live.has(1)).toBe(true);
  live.remove(1);
  expect(live.has(1)).toBe(false);
});

test("other addresses and other ports are other peers", () => {
  const addresses = ["192.0.2.1", "192.0.2.2", "198.51.100.1", "::1", "2001:db8::1", "2001:db8::2"];
  const peers = addresses.flatMap((text) =>
    [1, 80, 65_535].map((port) => peerOf(parseAddress(text) ?? [], port)),
  );
  expect(new Set(peers).size).toBe(peers.length);
  expect(peers.every((peer) => Number.isSafeInteger(peer))).toBe(true);
  expect(peerOf(parseAddress("::ffff:192.0.2.1") ?? [], 80)).toBe(
    peerOf(parseAddress("192.0.2.1") ?? [], 80),
  );
});
