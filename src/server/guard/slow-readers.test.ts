import { expect, test } from "bun:test";
import { SlowReaders } from "./slow-readers.ts";
import type { TcpConnection, TcpConnections } from "./tcp-connections.ts";

const ADDRESS = [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1];

function setUp() {
  const acknowledged = new Map<number, bigint>();
  const waits: [port: number, time: number][] = [];
  let inspections = 0;
  const connections: TcpConnections = {
    count: () => acknowledged.size,
    all: () => {
      inspections++;
      return Array.from(acknowledged.keys(), (port, descriptor): TcpConnection => {
        return { descriptor, address: ADDRESS, port };
      });
    },
    state: ({ port }) => ({ acknowledged: acknowledged.get(port) ?? 0n, quiet: 0 }),
    shutDown: () => {},
    wait: ({ port }, time) => void waits.push([port, time]),
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
  for (let port = 1; port <= 1000; port++) {
    acknowledged.set(port, 1n);
    slow.add({ name: String(port) }, port);
  }
  expect(slow.progressed()).toHaveLength(256);
});
