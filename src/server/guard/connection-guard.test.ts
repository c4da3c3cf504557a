import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { testLimits } from "../../../test-support/limits.ts";
import { parseAddress, parseNetwork } from "../../protocol/address.ts";
import { ServerLog } from "../log.ts";
import { ConnectionGuard } from "./connection-guard.ts";
import { LivePeers, peerOf } from "./live-peers.ts";
import type { TcpConnection, TcpConnections, TcpState } from "./tcp-connections.ts";

/** The connections of a simulated process. */
class Simulated implements TcpConnections {
  readonly open: (TcpConnection & TcpState)[] = [];
  readonly ended: number[] = [];
  inspections = 0;
  private readonly descriptors: number;

  constructor(descriptors: number) {
    this.descriptors = descriptors;
  }

  connect(address: string, count: number, state: Partial<TcpState> = {}): void {
    const parsed = parseAddress(address);
    if (parsed === undefined) throw new Error(address);
    for (let i = 0; i < count; i++)
      this.open.push({
        descriptor: this.open.length,
        address: parsed,
        peer: peerOf(parsed, this.open.length),
        acknowledged: 1n,
        quiet: 0,
        ...state,
      });
  }

  count(): number | undefined {
    return this.open.length < this.descriptors ? this.open.length : undefined;
  }

  all(): TcpConnection[] {
    this.inspections++;
    return this.open.filter(({ descriptor }) => !this.ended.includes(descriptor));
  }

  state({ descriptor }: TcpConnection): TcpState {
    const found = this.open[descriptor];
    if (found === undefined) throw new Error("not open");
    return found;
  }

  wait(): void {}

  shutDown({ descriptor }: TcpConnection): void {
    this.ended.push(descriptor);
  }
}

function setUp({ descriptors = 20_000, maxConnections = 10_000, maxConnectionsPerClient = 64 } = {}) {
  const clock = new ManualClock();
  const live = new LivePeers();
  const connections = new Simulated(descriptors);
  const logged: string[] = [];
  const trustProxies = [parseNetwork("198.51.100.0/24")].flatMap((network) => network ?? []);
  const limits = testLimits({ maxConnections, maxConnectionsPerClient, trustProxies });
  const log = new ServerLog((line) => logged.push(line), clock);
  return {
    clock,
    connections,
    logged,
    live,
    guard: new ConnectionGuard({ connections, limits, descriptors, live, clock, log }),
  };
}

test("few connections are not inspected", () => {
  const { connections, guard } = setUp();
  connections.connect("192.0.2.1", 1000);
  guard.onTimer();
  expect(connections.inspections).toBe(0);
});

test("many are inspected every 5 s", () => {
  const { clock, connections, guard } = setUp();
  for (let i = 0; i < 100; i++) connections.connect(`192.0.2.${i}`, 20);
  for (let i = 0; i < 41; i++) {
    guard.onTimer();
    clock.advance(250);
  }
  expect(connections.inspections).toBe(3);
  expect(connections.ended).toEqual([]);
});

test("a client with too many keeps twice its limit: those that are used", () => {
  for (const address of ["192.0.2.1", "2001:db8::1"]) {
    const { connections, guard, logged } = setUp();
    connections.connect(address, 64, { quiet: 4000 });
    connections.connect(address, 1000, { acknowledged: 0n, quiet: 5 });
    connections.connect("192.0.2.2", 100, { acknowledged: 0n, quiet: 60_000 });
    guard.onTimer();
    expect(connections.ended).toHaveLength(1064 - 128);
    for (const descriptor of connections.ended) {
      expect(descriptor).toBeGreaterThanOrEqual(64);
      expect(descriptor).toBeLessThan(1064);
    }
    expect(logged).toHaveLength(1);
    expect(logged[0]).not.toContain(address);
  }
});

test("addresses of one IPv6 /64 are one client", () => {
  const { connections, guard } = setUp();
  for (let i = 1; i <= 1200; i++) connections.connect(`2001:db8::${i.toString(16)}`, 1);
  guard.onTimer();
  expect(connections.ended).toHaveLength(1200 - 128);
});

test("this machine and trusted proxies have no limit of their own, but count in all", () => {
  for (const address of ["127.0.0.1", "::1", "198.51.100.7"]) {
    const { clock, connections, guard } = setUp({ maxConnections: 2000 });
    connections.connect(address, 2000, { quiet: 1000 });
    guard.onTimer();
    expect(connections.ended).toEqual([]);
    connections.connect(address, 200, { acknowledged: 0n });
    clock.advance(250);
    guard.onTimer();
    expect(connections.ended).toHaveLength(136);
    expect(Math.min(...connections.ended)).toBeGreaterThanOrEqual(2000);
  }
});

test("without a free descriptor it makes room at once, also if more connections are allowed", () => {
  const { connections, guard } = setUp({ descriptors: 1000, maxConnections: 10_000 });
  connections.connect("127.0.0.1", 600, { quiet: 100 });
  connections.connect("127.0.0.1", 400, { acknowledged: 0n });
  guard.onTimer();
  expect(connections.ended).toHaveLength(64);
  expect(Math.min(...connections.ended)).toBeGreaterThanOrEqual(600);
});

test("live connections stay when others that were answered too and are less quiet are too many", () => {
  const { connections, guard, live } = setUp({ maxConnections: 2000 });
  connections.connect("127.0.0.1", 100, { quiet: 25_000 });
  for (const { peer } of connections.open) live.add(peer);
  connections.connect("127.0.0.1", 3000, { quiet: 5 });
  guard.onTimer();
  expect(connections.ended).toHaveLength(3100 - 2064);
  expect(Math.min(...connections.ended)).toBeGreaterThanOrEqual(100);
});

test("too many are ended at once, and again after three times as long as that took", () => {
  const { clock, connections, guard } = setUp({ maxConnections: 2000 });
  connections.connect("127.0.0.1", 1500);
  guard.onTimer();
  expect(connections.inspections).toBe(1);
  const all = connections.all.bind(connections);
  connections.all = () => {
    clock.advance(10);
    return all();
  };
  connections.connect("127.0.0.1", 1000);
  clock.advance(1);
  guard.onTimer();
  expect(connections.ended).toHaveLength(436);
  clock.advance(29);
  guard.onTimer();
  expect(connections.inspections).toBe(2);
  clock.advance(1);
  guard.onTimer();
  expect(connections.inspections).toBe(3);
});

test("counting takes at most a twentieth of the time", () => {
  const { clock, connections, guard } = setUp();
  let counts = 0;
  connections.count = () => {
    clock.advance(10);
    counts++;
    return 500;
  };
  guard.onTimer();
  clock.advance(199);
  guard.onTimer();
  expect(counts).toBe(1);
  clock.advance(1);
  guard.onTimer();
  expect(counts).toBe(2);
});

test("newcomers stay when connections that sent nothing, or were answered and are idle, are too many", () => {
  const { connections, guard } = setUp({ maxConnections: 2000 });
  connections.connect("127.0.0.1", 1500, { quiet: 30_000 });
  connections.connect("127.0.0.1", 500, { acknowledged: 0n, quiet: 2500 });
  connections.connect("127.0.0.1", 600, { acknowledged: 0n, quiet: 20 });
  guard.onTimer();
  expect(connections.ended).toHaveLength(2600 - 2064);
  expect(connections.ended.filter((descriptor) => descriptor >= 1500 && descriptor < 2000)).toHaveLength(500);
  expect(connections.ended.filter((descriptor) => descriptor < 1500)).toHaveLength(36);
});

test("newcomers go before connections in use, and before live ones", () => {
  const { connections, guard, live } = setUp({ maxConnections: 2000 });
  connections.connect("127.0.0.1", 1000, { quiet: 60_000 });
  for (const { peer } of connections.open) live.add(peer);
  connections.connect("127.0.0.1", 1000, { quiet: 500 });
  connections.connect("127.0.0.1", 400, { acknowledged: 0n, quiet: 20 });
  guard.onTimer();
  expect(connections.ended).toHaveLength(336);
  expect(Math.min(...connections.ended)).toBeGreaterThanOrEqual(2000);
});
