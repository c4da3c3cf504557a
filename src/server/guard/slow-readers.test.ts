import { expect, test } from "bun:test";
import { SlowReaders } from "./slow-readers.ts";
import type { TcpConnection, TcpConnections } from "./tcp-connections.ts";

const ADDRESS = [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1];

function setUp() {
  const acknowledged = new Map<number, bigint>();
  const waits: [peer: number, time: number][] = [];
  let inspections = 0;
  const connections: TcpConnections = {
    count: () => acknowledged.size,
    all: () => {
      inspections++;
      return Array.from(acknowledged.keys(), (peer, descriptor): TcpConnection => {
        return { descriptor, address: ADDRESS, peer };
      });
    },
    state: ({ peer }) => ({ acknowledged: acknowledged.get(peer) ?? 0n, quiet: 0 }),
    shutDown: () => {},
    wait: ({ peer }, time) => void waits.push([peer, time]),
  };
  return {
    acknowledged,
    waits,
    inspections: () => inspections,
    slow: new SlowReaders<{ name: string }>(connections),
  };
}

test("a reader has progressed when its client acknowledged more", () => {
  const { acknowledged, waits, inspections, slow } = setUp();
  const a = { name: "a" };
  const b = { name: "b" };
  expect(slow.progressed()).toEqual([]);
  expect(inspections()).toBe(0);
  acknowledged.set(1001, 5n).set(1002, 5n);
  slow.add(a, 1001);
  slow.add(b, 1002);
  expect(slow.progressed()).toEqual([a, b]);
  expect(slow.progressed()).toEqual([]);
  acknowledged.set(1002, 6n);
  expect(slow.progressed()).toEqual([b]);
  slow.remove(b);
  acknowledged.set(1002, 7n);
  expect(slow.progressed()).toEqual([]);
  // Each is looked for once, and the kernel waits longer for it.
  expect(inspections()).toBe(1);
  expect(waits).toEqual([
    [1001, 30_000],
    [1002, 30_000],
  ]);
});

test("a bounded number is watched", () => {
  const { acknowledged, slow } = setUp();
  for (let peer = 1; peer <= 1000; peer++) {
    acknowledged.set(peer, 1n);
    slow.add({ name: String(peer) }, peer);
  }
  expect(slow.progressed()).toHaveLength(256);
});
