// 1,000 SSE and 1,000 WebSocket listeners, over real sockets to a server in its own process, receive each of 10,000 messages
// once and in order, while 100 others disconnect and resume.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import {
  Connection,
  sse,
  STREAM,
  webSocket,
  type Message,
  type Reader,
  type Wire,
} from "../test-support/wires.ts";

/** Per transport. */
const LISTENERS = 1_000;
const ROAMERS = 50;
const MESSAGES = 10_000;

/** Messages that a stream keeps. A reader who missed more gets a gap. */
const KEPT = 1_024;

/** Connections that publish, and requests in flight on each. */
const PUBLISHERS = 4;
const PIPELINED = 16;

/** Publishers stay at most two steps ahead of the slowest listener, so none stalls and any gap is a fault. */
const STEP = 250;

/** A reader who missed this many has missed an evicted one, whatever requests are in flight. */
const TOO_LONG = KEPT + PUBLISHERS * PIPELINED + 1;

const TIMEOUT = 120_000;

const DESCRIPTORS = 4_096;

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
  if (process.platform === "linux" && server.descriptorLimit() < DESCRIPTORS) {
    throw new Error(`This test needs ${DESCRIPTORS} open files: ulimit -n ${DESCRIPTORS}`);
  }
});

afterAll(async () => {
  await server.stop();
  await expectNoProcessLeft();
});

test(
  "2,000 listeners receive each of 10,000 messages once and in order while others resume",
  async () => {
    const failure = Promise.withResolvers<never>();
    const ledger = new Ledger();
    const publication = new Publication();
    const { listeners, slowest } = crowd(ledger);
    const roamers = Array.from(
      { length: 2 * ROAMERS },
      (_, i) => new Roamer(i, i % 2 === 0 ? sse : webSocket, publication, failure.reject),
    );

    const work = async () => {
      await createStream();
      // In batches, because the accept queue is short.
      for (let i = 0; i < listeners.length; i += 100) {
        const some = listeners.slice(i, i + 100);
        await Promise.all(
          some.map((listener) => Connection.open(server.port, listener, undefined, failure.reject)),
        );
      }
      expect(await observers()).toBe(2 * LISTENERS);
      const roaming = Promise.all(roamers.map((roamer) => roamer.roam()));
      const publishing = Array.from({ length: PUBLISHERS }, (_, i) => publish(i, publication, slowest));
      await Promise.all(publishing);
      await slowest.reach(MESSAGES);
      await roaming;
    };
    await Promise.race([work(), failure.promise]);

    expect(ledger.length).toBe(MESSAGES);
    expect(await history()).toEqual(ledger.texts.slice(-KEPT));
    expect(new Set(listeners.map(({ position }) => position))).toEqual(new Set([MESSAGES]));
    for (const roamer of roamers) roamer.check(ledger);
    expect(roamers.filter(({ longAbsences }) => longAbsences > 0).length).toBeGreaterThanOrEqual(ROAMERS);

    // A surplus message would arrive before the end.
    const ends = Promise.all(listeners.map(({ ended }) => ended.promise));
    expect(await server.stop()).toBe(0);
    const reasons = await Promise.race([ends, failure.promise]);
    expect(new Set(reasons)).toEqual(new Set([sse.goodbye, webSocket.goodbye]));
    expect(new Set(listeners.map(({ position }) => position))).toEqual(new Set([MESSAGES]));
  },
  TIMEOUT,
);

// Publishers

/** Returns the text at a place in a publisher's sequence: of all lengths, some split over several reads. */
function textOf(publisher: number, sequence: number): string {
  const text = `${publisher}:${sequence} ${".".repeat((sequence * 7) % 60)}`;
  if (sequence % 250 === 7) return text + "\u{1D11E}".repeat(900);
  if (sequence % 50 === 3) return `${text}"quoted\\", tab\t,\nline, ünïcödé`;
  return `${text}|`;
}

/** Publishes its share of the messages in order, with pipelining (RFC 9112 §9.3.2). */
async function publish(publisher: number, publication: Publication, slowest: Milestones): Promise<void> {
  const socket = connect(server.port, "127.0.0.1");
  const answers = responses(socket);
  const share = MESSAGES / PUBLISHERS;
  for (let sequence = 0; sequence < share; sequence += PIPELINED) {
    await slowest.reach(publication.published.count - 2 * STEP);
    const texts = Array.from({ length: Math.min(PIPELINED, share - sequence) }, (_, i) =>
      textOf(publisher, sequence + i),
    );
    socket.write(texts.map(postRequest).join(""));
    for (const text of texts) {
      const { value } = await answers.next();
      expect(value?.status).toBe(201);
      const message = JSON.parse(value?.body ?? "") as Message;
      expect(message.Text).toBe(text);
      publication.add(message);
    }
  }
  socket.destroy();
}

function postRequest(text: string): string {
  return `POST /messages?stream=${STREAM} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

async function* responses(
  socket: AsyncIterable<Buffer>,
): AsyncGenerator<{ status: number; body: string }, undefined> {
  let rest = Buffer.alloc(0);
  for await (const data of socket) {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const head = rest.indexOf("\r\n\r\n");
      if (head === -1) break;
      const fields = rest.toString("latin1", 0, head);
      const end = head + 4 + Number(/^content-length: *([0-9]+)/im.exec(fields)?.[1]);
      if (!(end <= rest.length)) break;
      yield { status: Number(fields.split(" ", 2)[1]), body: rest.toString("utf8", head + 4, end) };
      rest = rest.subarray(end);
    }
  }
}

async function createStream(): Promise<void> {
  const response = await fetch(new URL(`/streams?stream=${STREAM}`, server.url), { method: "POST" });
  expect(response.status).toBe(201);
}

async function observers(): Promise<number | undefined> {
  const response = await fetch(new URL("/streams", server.url));
  return ((await response.json()) as Record<string, { Observers: number }>)[STREAM]?.Observers;
}

async function history(): Promise<string[]> {
  const response = await fetch(new URL(`/messages?stream=${STREAM}&limit=${KEPT}`, server.url));
  return ((await response.json()) as Message[]).map(({ Text }) => Text);
}

/** A growing count that can be awaited. */
class Milestones {
  count = 0;
  private waiting: { readonly least: number; readonly resolve: () => void }[] = [];

  reach(least: number): Promise<void> {
    if (this.count >= least) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.push({ least, resolve });
    return promise;
  }

  advance(count: number): void {
    this.count = count;
    const due = this.waiting.filter(({ least }) => least <= count);
    if (due.length === 0) return;
    this.waiting = this.waiting.filter(({ least }) => least > count);
    for (const { resolve } of due) resolve();
  }
}

/** The acknowledged messages. */
class Publication {
  readonly published = new Milestones();
  /** The latest `Created` as a number: two differ by more than the rounding. */
  newest = 0;

  add({ Created }: Message): void {
    this.newest = Math.max(this.newest, Number(Created));
    this.published.advance(this.published.count + 1);
  }
}

// Listeners

/** All messages in the order of the first listener, with which all others are compared. */
class Ledger {
  readonly texts: string[] = [];
  /** The position of the message of each `Created`. */
  readonly positions = new Map<string, number>();
  private readonly json: string[] = [];
  private readonly sequences = Array.from({ length: PUBLISHERS }, () => 0);
  private newest = 0n;

  get length(): number {
    return this.texts.length;
  }

  /** Records or compares the message that a listener received at `position`. */
  enter(position: number, json: string): void {
    if (position < this.length) return expect(json).toBe(this.json[position] ?? "");
    const { Text, Created } = JSON.parse(json) as Message;
    const publisher = Number(/^([0-9]+):/.exec(Text)?.[1]);
    const sequence = this.sequences[publisher] ?? Number.NaN;
    expect(Text).toBe(textOf(publisher, sequence));
    expect(BigInt(Created)).toBeGreaterThan(this.newest);
    this.sequences[publisher] = sequence + 1;
    this.newest = BigInt(Created);
    this.positions.set(Created, this.length);
    this.texts.push(Text);
    this.json.push(json);
  }
}

/** Subscribed from before the first message until after the last. */
class Listener implements Reader {
  /** The number of messages received and checked. */
  position = 0;
  readonly ended = Promise.withResolvers<string>();
  readonly wire: Wire;
  private readonly ledger: Ledger;
  private readonly frames: Buffer[];
  private readonly progressed: (position: number) => void;

  constructor(wire: Wire, ledger: Ledger, frames: Buffer[], progressed: (position: number) => void) {
    this.wire = wire;
    this.ledger = ledger;
    this.frames = frames;
    this.progressed = progressed;
  }

  get expected(): Buffer | undefined {
    return this.frames[this.position];
  }

  receiveExpected(): void {
    this.position++;
    if (this.position % STEP === 0) this.progressed(this.position);
  }

  receive(json: string, frame: Buffer): void {
    const { Type, Text } = JSON.parse(json) as Message;
    if (Type === "event" && ["welcome", "connect", "close"].includes(Text)) return;
    if (Type !== "message") throw new Error(`A listener that kept up received ${json}`);
    this.ledger.enter(this.position, json);
    this.frames[this.position] = Buffer.from(frame);
    this.receiveExpected();
  }

  end(reason: string): void {
    if (this.position < MESSAGES) throw new Error(`A listener was disconnected: ${reason}`);
    this.ended.resolve(reason);
  }
}

/** Creates all listeners, and the number of messages that all have received, in steps. */
function crowd(ledger: Ledger): { listeners: Listener[]; slowest: Milestones } {
  const slowest = new Milestones();
  const reached = new Map<number, number>();
  const progressed = (position: number) => {
    const count = (reached.get(position) ?? 0) + 1;
    reached.set(position, count);
    if (count === 2 * LISTENERS) slowest.advance(position);
  };
  const listeners = [sse, webSocket].flatMap((wire) => {
    const frames: Buffer[] = [];
    return Array.from({ length: LISTENERS }, () => new Listener(wire, ledger, frames, progressed));
  });
  return { listeners, slowest };
}

/** Disconnects and resumes repeatedly; every fourth time it stays away for too long. */
class Roamer implements Reader {
  readonly expected = undefined;
  readonly wire: Wire;
  longAbsences = 0;
  private readonly number: number;
  private readonly publication: Publication;
  private readonly fail: (error: unknown) => void;
  private readonly received = new Milestones();
  private readonly newest = new Milestones();
  /** The messages and gaps received over all connections, and the number of the connection. */
  private readonly record: { readonly message: Message; readonly turn: number }[] = [];
  private readonly lateTurns = new Set<number>();
  private turn = 0;
  /** Half begin with history, half live. */
  private cursor: string | undefined;
  private server = "";

  constructor(number: number, wire: Wire, publication: Publication, fail: (error: unknown) => void) {
    this.number = number;
    this.wire = wire;
    this.publication = publication;
    this.fail = fail;
    this.cursor = number % 4 < 2 ? "earliest" : undefined;
  }

  async roam(): Promise<void> {
    const { published } = this.publication;
    let done = false;
    const end = published
      .reach(MESSAGES)
      .then(() => this.newest.reach(this.publication.newest))
      .then(() => (done = true));
    await published.reach(this.number * 10);
    for (; ; this.turn++) {
      const connection = await Connection.open(server.port, this, this.cursor, this.fail);
      const stay = 20 + ((this.number * 37 + this.turn * 53) % 200);
      await Promise.race([this.received.reach(this.received.count + stay), end]);
      connection.disconnect(this.turn % 2 === 0);
      if (done) return;
      const late = this.turn % 4 === 3 && published.count + TOO_LONG < MESSAGES;
      if (late) {
        this.longAbsences++;
        this.lateTurns.add(this.turn + 1);
      }
      const away = late ? TOO_LONG : (this.number * 29 + this.turn * 71) % 300;
      await published.reach(Math.min(published.count + away, MESSAGES));
    }
  }

  receive(json: string): void {
    const message = JSON.parse(json) as Message;
    this.server = message.Server ?? this.server;
    if (message.Type === "event" && message.Text !== "gap") return;
    this.record.push({ message, turn: this.turn });
    if (message.Type === "event") return;
    // Half resume with full cursors, half with bare digits as the original's clients do.
    this.cursor = this.number % 8 < 4 ? message.Created : `${message.Created}-${this.server}`;
    this.newest.advance(Number(message.Created));
    this.received.advance(this.received.count + 1);
  }

  receiveExpected(): void {
    throw new Error("A roamer has no expected frame");
  }

  end(reason: string): void {
    throw new Error(`A roamer was disconnected: ${reason}`);
  }

  /** Checks that each message came once and in order or in a gap, and that each gap was real. */
  check(ledger: Ledger): void {
    let last: { readonly position: number; readonly created: string } | undefined;
    let lastTurn = -1;
    let gap: Message | undefined;
    for (const { message, turn } of this.record) {
      if (turn !== lastTurn && this.lateTurns.has(turn)) expect(message.Text).toBe("gap");
      lastTurn = turn;
      if (message.Type === "event") {
        expect(gap).toBeUndefined();
        gap = message;
        continue;
      }
      const position = ledger.positions.get(message.Created) ?? Number.NaN;
      if (gap !== undefined) {
        expect({ from: gap.From, to: gap.To }).toEqual({ from: last?.created, to: message.Created });
        expect(position).toBeGreaterThan((last?.position ?? Number.NaN) + 1);
      } else if (last !== undefined && position !== last.position + 1) {
        throw new Error(
          `Roamer ${this.number} received message ${position} after ${last.position} without a gap`,
        );
      }
      gap = undefined;
      last = { position, created: message.Created };
    }
    expect(last?.position).toBe(MESSAGES - 1);
  }
}
