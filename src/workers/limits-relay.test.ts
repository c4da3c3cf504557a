import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../test-support/clock.ts";
import { testLimits } from "../../test-support/limits.ts";
import { Problem } from "../protocol/problem.ts";
import { ClientLedger } from "../server/limits/client-ledger.ts";
import type { Client } from "../server/limits/client.ts";
import { Clients } from "../server/limits/clients.ts";
import { LimitsRelay } from "./limits-relay.ts";

const ADDRESS = "203.0.113.7";

/** The clients of one worker. */
class Worker {
  /** Whether it can be told nothing now. */
  isFull = false;
  readonly ledger: ClientLedger;
  private readonly clients: Clients;

  constructor(workers: Workers) {
    const { clock, limits } = workers;
    this.ledger = new ClientLedger(
      (use) => workers.relay.report(this, use),
      (callback) => workers.waiting.push(callback),
    );
    const log = { error() {}, warning() {} };
    this.clients = new Clients({ limits, clock, log, ledger: this.ledger });
    workers.relay.add(this);
  }

  client(address = ADDRESS): Client {
    return this.clients.of({ headers: new Headers() }, address);
  }

  /** Publishes up to `most` messages. Returns how many were admitted. */
  publish(most: number): number {
    return successes(most, () => this.client().admitMessage("foo", { text: "x" }));
  }

  connect(most: number): number {
    return successes(most, () => this.client().openConnection());
  }
}

/** Workers that share the limits of clients. */
class Workers {
  readonly clock = new ManualClock();
  readonly limits = testLimits({ rateLimit: 10, maxConnections: 100, maxConnectionsPerClient: 20 });
  readonly waiting: (() => void)[] = [];
  readonly relay = new LimitsRelay<Worker>({
    tell(worker, use) {
      if (!worker.isFull) worker.ledger.apply(use);
      return !worker.isFull;
    },
    later: (callback) => this.waiting.push(callback),
  });

  /** Lets the workers tell each other what happened: first each of them, then what passes it on. */
  exchange(): void {
    for (let step = 0; step < 2; step++) for (const callback of this.waiting.splice(0)) callback();
  }
}

function successes(most: number, attempt: () => void): number {
  for (let count = 0; count < most; count++) {
    try {
      attempt();
    } catch (error) {
      if (error instanceof Problem) return count;
      throw error;
    }
  }
  return most;
}

test("what a client sends to one worker counts in the others", () => {
  const workers = new Workers();
  const [one, other] = [new Worker(workers), new Worker(workers)];
  expect(one.publish(60)).toBe(60);
  workers.exchange();
  expect(other.publish(100)).toBe(40);
  workers.exchange();
  expect(one.publish(1)).toBe(0);
  workers.clock.advance(1000);
  expect(one.publish(100)).toBe(10);
  workers.exchange();
  expect(other.publish(1)).toBe(0);
});

test("what a client has open in one worker counts in the others, until that worker ends", () => {
  const workers = new Workers();
  const [one, other] = [new Worker(workers), new Worker(workers)];
  expect(one.connect(15)).toBe(15);
  workers.exchange();
  expect(other.connect(20)).toBe(5);
  workers.exchange();
  // A worker that is started later knows, too.
  const late = new Worker(workers);
  workers.exchange();
  expect(late.connect(1)).toBe(0);
  workers.relay.remove(one);
  workers.exchange();
  expect(late.connect(20)).toBe(15);
  late.client().closeConnection();
  workers.exchange();
  expect(other.connect(20)).toBe(1);
});

test("a worker that is behind is told later, of all of it", () => {
  const workers = new Workers();
  const [one, other] = [new Worker(workers), new Worker(workers)];
  other.isFull = true;
  for (let i = 0; i < 3; i++) {
    expect(one.publish(20)).toBe(20);
    workers.exchange();
  }
  other.isFull = false;
  workers.exchange();
  expect(other.publish(100)).toBe(40);
});

test("malformed requests cost as much as in one process, in all workers", () => {
  const workers = new Workers();
  const [one, other] = [new Worker(workers), new Worker(workers)];
  for (let i = 0; i < 10_000; i++) one.client().chargeMalformed();
  workers.exchange();
  expect(other.publish(1)).toBe(0);
  workers.clock.advance(26_000);
  expect(other.publish(1)).toBe(1);
});

test("the limit of all clients together is that of all workers", () => {
  const workers = new Workers();
  const all = [new Worker(workers), new Worker(workers)];
  let open = 0;
  for (let i = 0; i < 20; i++) {
    for (const worker of all) open += successes(10, () => worker.client(`203.0.113.${i}`).openConnection());
    workers.exchange();
  }
  // As in one process, the last ones have to leave some free.
  expect(open).toBeGreaterThan(80);
  expect(open).toBeLessThanOrEqual(100);
});

test("a client publishes as much as with one process, and what it had sent to several at a time is owed", () => {
  const steps = fc.array(
    fc.record({ worker: fc.nat(2), count: fc.nat(40), pause: fc.constantFrom(0, 10, 50, 500) }),
    { minLength: 20, maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const workers = new Workers();
      const three = [new Worker(workers), new Worker(workers), new Worker(workers)];
      const begin = workers.clock.monotonic();
      let admitted = 0;
      let mostBetween = 0;
      for (const { worker, count, pause } of all) {
        const published = three[worker]?.publish(count) ?? 0;
        admitted += published;
        mostBetween = Math.max(mostBetween, published);
        workers.clock.advance(pause);
        workers.exchange();
      }
      const seconds = (workers.clock.monotonic() - begin) / 1000;
      expect(admitted).toBeLessThanOrEqual(100 + 10 * seconds + 1);
      expect(mostBetween).toBeLessThanOrEqual(100);
    }),
  );
});
