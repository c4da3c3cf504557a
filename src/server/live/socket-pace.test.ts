import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Problem } from "../../protocol/problem.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { LivePeers } from "../guard/live-peers.ts";
import { ClientTable } from "../limits/client-table.ts";
import type { Client } from "../limits/client.ts";
import { Quota } from "../limits/quota.ts";
import { ratesOf } from "../limits/rates.ts";
import { testLimits } from "../../../test-support/limits.ts";
import type { Socket } from "./socket-group.ts";
import { SocketPace, type PaceContext } from "./socket-pace.ts";

/** Runs timers when the test advances the clock. */
class Timers {
  readonly clock = new ManualClock();
  private timers: { readonly at: number; readonly callback: () => void }[] = [];

  readonly schedule = (callback: () => void, delay: number): void => {
    this.timers.push({ at: this.clock.monotonic() + delay, callback });
  };

  get count(): number {
    return this.timers.length;
  }

  pass(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left -= 5) {
      this.clock.advance(Math.min(5, left));
      const due = this.timers.filter(({ at }) => at <= this.clock.monotonic());
      this.timers = this.timers.filter(({ at }) => at > this.clock.monotonic());
      for (const { callback } of due) callback();
    }
  }
}

class SentTexts implements Socket {
  readonly sent: string[] = [];

  send(text: string): number {
    return this.sent.push(text);
  }

  cork(callback: () => void): void {
    callback();
  }
  close(): void {}
  subscribe(): void {}
  unsubscribe(): void {}

  getBufferedAmount(): number {
    return 0;
  }
}

class Setup {
  readonly timers = new Timers();
  readonly clock = this.timers.clock;
  readonly context: PaceContext;
  private readonly table: ClientTable;

  constructor(maxDelayedAcks = 10_000) {
    const limits = testLimits({ rateLimit: 10, byteRate: 1024 ** 2, streamRate: 60 });
    this.context = {
      clock: this.clock,
      scheduler: this.timers.schedule,
      delayedAcks: new Quota("acks", maxDelayedAcks),
    };
    this.table = new ClientTable(10, {
      clock: this.clock,
      rates: ratesOf(limits),
      connections: new Quota("connections", 10),
      subscriptions: new Quota("subscriptions", 10),
      live: new LivePeers(),
      maxConnectionsPerClient: 10,
      maxSubscriptionsPerClient: 10,
    });
  }

  client(key = "a"): Client {
    return this.table.get(key) ?? this.table.add(key, { mayForward: false });
  }

  sender(key = "a"): Sender {
    return new Sender(this, key);
  }
}

/** Sends numbered messages and takes their acks. */
class Sender {
  readonly socket = new SentTexts();
  readonly pace: SocketPace;
  readonly published: number[] = [];

  constructor(setup: Setup, key: string) {
    this.pace = new SocketPace(this.socket, setup.client(key), setup.context);
  }

  /** Returns the problem with which the message is refused; undefined if it is published. */
  send(number: number, stream = "foo"): Problem | undefined {
    try {
      const due = this.pace.admit(stream, { text: "text" });
      this.published.push(number);
      this.pace.acknowledge(String(number), due);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.pace.refuse(error);
      return error;
    }
    return undefined;
  }

  get acks(): number[] {
    return this.socket.sent.map(Number);
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("messages that come too fast", () => {
  test("are published at once, and acknowledged in order at the rate", () => {
    const setup = new Setup();
    const sender = setup.sender();
    for (let i = 0; i < 200; i++) expect(sender.send(i)).toBeUndefined();
    expect(sender.published).toEqual(upTo(200));
    expect(sender.acks).toEqual(upTo(100));
    expect(setup.timers.count).toBe(1);
    setup.timers.pass(1020);
    expect(sender.acks).toEqual(upTo(110));
    setup.timers.pass(9000);
    expect(sender.acks).toEqual(upTo(200));
    setup.timers.pass(1000);
    expect(setup.timers.count).toBe(0);
  });

  test("are all published and acknowledged in order if at most 256 are unacknowledged", () => {
    const setup = new Setup();
    const sender = setup.sender();
    let sent = 0;
    for (let second = 0; second < 60; second++) {
      while (sent < sender.acks.length + 256) expect(sender.send(sent++)).toBeUndefined();
      setup.timers.pass(1000);
    }
    expect(sender.acks).toEqual(upTo(sender.acks.length));
    // The burst, and 10 per second.
    expect(sender.acks.length).toBeGreaterThanOrEqual(690);
    expect(sender.acks.length).toBeLessThanOrEqual(700);
  });

  test("are refused beyond that, and all that follow until the time that was given", () => {
    const setup = new Setup();
    const sender = setup.sender();
    for (let i = 0; i < 356; i++) expect(sender.send(i)).toBeUndefined();
    expect(sender.send(356)).toMatchObject({ code: "rate_limited", retryAfter: 13 });
    setup.timers.pass(5000);
    expect(sender.acks).toHaveLength(150);
    // The rate allows it again, but messages before it were refused.
    expect(sender.send(357)).toMatchObject({ code: "rate_limited", retryAfter: 8 });
    setup.timers.pass(8000);
    for (let i = 356; i < 470; i++) expect(sender.send(i)).toBeUndefined();
    expect(sender.published).toEqual(upTo(470));
  });

  test("have delayed acks also if they are short and many", () => {
    const setup = new Setup();
    const sender = setup.sender();
    let sent = 0;
    while (sender.send(sent, ".private") === undefined) sent++;
    expect(sent).toBe(16 * 4096 + 256);
    setup.timers.pass(1000);
    expect(sender.acks).toEqual(upTo(sent));
  });
});

describe("several WebSockets of one client", () => {
  test("share the rate, and one that sends little is not refused because of another", () => {
    const setup = new Setup();
    const [busy, quiet] = [setup.sender(), setup.sender()];
    let sent = 0;
    while (busy.send(sent) === undefined) sent++;
    expect(sent).toBe(356);
    expect(quiet.send(0)).toBeUndefined();
    expect(quiet.published).toEqual([0]);
    expect(quiet.acks).toEqual([]);
    setup.timers.pass(26_000);
    expect(quiet.acks).toEqual([0]);
  });

  test("are ahead of the rate by at most 512 messages together", () => {
    const setup = new Setup();
    let published = 0;
    for (let i = 0; i < 200; i++) {
      const sender = setup.sender();
      while (sender.send(published) === undefined) published++;
    }
    expect(published).toBe(100 + 512);
  });
});

test("all WebSockets together have a bounded number of delayed acks", () => {
  const setup = new Setup(50);
  const senders = ["a", "b", "c"].map((key) => setup.sender(key));
  let published = 0;
  for (const sender of senders) while (sender.send(published) === undefined) published++;
  expect(published).toBe(3 * 100 + 50);
  // A closed connection makes room.
  senders[0]?.pace.close();
  expect(setup.context.delayedAcks.isFull).toBe(false);
});

test("at the end of the connection, acks are sent, and a closed one gets none", () => {
  const setup = new Setup();
  const [leaving, closed] = [setup.sender("a"), setup.sender("b")];
  for (const sender of [leaving, closed]) for (let i = 0; i < 110; i++) sender.send(i);
  leaving.pace.flush();
  expect(leaving.acks).toEqual(upTo(110));
  closed.pace.close();
  closed.pace.acknowledge("late", setup.clock.monotonic());
  setup.timers.pass(60_000);
  expect(closed.acks).toEqual(upTo(100));
  expect(setup.timers.count).toBe(0);
});

test("another refusal that names a time also holds for all that follow", () => {
  const setup = new Setup();
  const sender = setup.sender();
  sender.pace.refuse(new Problem("memory_full", "Memory limit reached", 3));
  expect(sender.send(0)).toMatchObject({ code: "memory_full", retryAfter: 3 });
  setup.timers.pass(2500);
  expect(sender.send(0)).toMatchObject({ code: "memory_full", retryAfter: 1 });
  setup.timers.pass(500);
  expect(sender.send(0)).toBeUndefined();
});

test("a sender that sends refused messages again in order keeps their order, however many it sends at once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 20 }),
      (window, pauses) => {
        const setup = new Setup();
        const sender = setup.sender();
        let next = 0;
        for (const pause of pauses) {
          // Sends a window without looking at answers; what was refused comes first the next time.
          const refused: number[] = [];
          for (let i = next; i < next + window; i++) if (sender.send(i) !== undefined) refused.push(i);
          next = refused[0] ?? next + window;
          setup.timers.pass(pause);
        }
        expect(sender.published).toEqual(upTo(sender.published.length));
        setup.timers.pass(60_000);
        expect(sender.acks).toEqual(sender.published);
      },
    ),
    { numRuns: 30 },
  );
}, 60_000);
