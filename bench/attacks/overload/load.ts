import { setTimeout as sleep } from "node:timers/promises";
import { openAll } from "../../load/connection.ts";
import { openWithHandshake } from "../../load/handshake.ts";
import { listen } from "../../load/sse.ts";
import { MARK, TIME_DIGITS } from "../../load/template.ts";
import { waitFor } from "../../load/wait.ts";
import { upgrade } from "../../load/websocket.ts";
import type { OverloadJob, OverloadResult } from "./job.ts";
import { Ledger } from "./ledger.ts";
import { CheckedListener } from "./listener.ts";
import { Publishers } from "./publishers.ts";

const STREAM = "overload";

const TEXT = `${MARK}${"0".repeat(TIME_DIGITS)}`.padEnd(100, "x");

/** Each tenth listener stalls, and each tenth disconnects and resumes. */
const ONE_IN = 10;

/** Listeners, among those that stay, whose messages are all recorded. */
const WITNESSES = 4;

/** Milliseconds between two connections of a listener that disconnects: at least, and at most as much again. */
const STAY = 2000;

/** Milliseconds that a listener stalls: longer than the server waits for one. It learns only by reading that it was closed. */
const STALL = 20_000;

/** Milliseconds that a stalled listener reads again, unless it was closed. */
const READ = 2000;

/** Milliseconds before a listener whose connection was closed resumes. */
const RETRY = 1000;

/** A listener is subscribed. */
const WELCOME = Buffer.from('"Text":"welcome"');

type Socket = Awaited<ReturnType<typeof openWithHandshake>>;

export async function overload(job: OverloadJob): Promise<OverloadResult> {
  const ledger = new Ledger();
  const listeners = Array.from({ length: job.listeners }, (_, index) => new Listener(job.port, index));
  // Requests whose answer is lost may be published as well: some listeners tell what is.
  for (const { checked } of listeners.slice(-WITNESSES)) checked.onMessage = (created) => ledger.add(created);
  await openAll(listeners.length, (index) => listeners[index]?.open() ?? Promise.resolve());
  const publishers = new Publishers(ledger, STREAM, TEXT, job.publishers);
  await publishers.open(job.port);
  publishers.start(job.rate);
  await sleep(job.seconds * 1000);
  publishers.stop();
  await waitFor("the last answers", () => publishers.pending === 0).catch(() => {});
  for (const listener of listeners) listener.settle();
  const { newest } = ledger;
  // What is still missing after the timeout is reported as lost.
  await waitFor("the last messages", () =>
    listeners.every(({ checked }) => checked.position >= newest),
  ).catch(() => {});
  const checked = listeners.map((listener) => listener.checked);
  const differences = checked.flatMap((one) => one.segments().map((segment) => ledger.difference(segment)));
  const behind = checked.map(({ position }) => ledger.after(position));
  return {
    sent: publishers.sent,
    unsent: publishers.unsent,
    acknowledged: publishers.acknowledged,
    unanswered: publishers.unanswered,
    awaited: publishers.awaited,
    refused: publishers.tally.refused(),
    withoutRetryAfter: publishers.tally.withoutRetryAfter,
    delivered: sum(checked.map(({ received }) => received)),
    gaps: sum(checked.map(({ gaps }) => gaps)),
    lost: sum(behind) - sum(differences.filter((difference) => difference < 0)),
    surplus: sum(differences.filter((difference) => difference > 0)),
    closed: sum(listeners.map(({ closed }) => closed)),
    closedAgain: sum(listeners.map(({ closed }) => Math.max(0, closed - 1))),
    resumed: sum(listeners.map(({ resumed }) => resumed)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A listener that reads, stalls, or disconnects and resumes, according to its number. */
class Listener {
  readonly checked = new CheckedListener(TEXT.length);
  closed = 0;
  resumed = 0;
  private socket: Socket | undefined = undefined;
  private settled = false;
  /** Whether this end closes the connection. */
  private leaving = false;
  private opening = false;
  private readonly port: number;
  private readonly number: number;

  constructor(port: number, number: number) {
    this.port = port;
    this.number = number;
    this.checked.onClosed = () => {
      if (!this.opening) void this.reopen();
    };
  }

  async open(): Promise<void> {
    const last = this.checked.last === "" ? undefined : this.checked.last;
    const request =
      this.number % 2 === 0
        ? listen(STREAM, last)
        : upgrade(`?stream=${STREAM}${last === undefined ? "" : `&last=${last}`}`);
    this.checked.resume();
    this.opening = true;
    try {
      this.socket = await openWithHandshake(this.port, request, WELCOME, this.checked);
    } finally {
      this.opening = false;
    }
    if (this.settled) return;
    const role = Math.floor(this.number / 2) % ONE_IN;
    if (role === 0) this.stall(this.socket);
    if (role === 1) setTimeout(() => this.leave(), STAY * (1 + Math.random()));
  }

  /** Reads from now on, and stays. */
  settle(): void {
    this.settled = true;
    this.socket?.resume();
  }

  private stall(socket: Socket): void {
    if (this.settled || this.socket !== socket) return;
    socket.pause();
    setTimeout(() => {
      socket.resume();
      setTimeout(() => this.stall(socket), READ);
    }, STALL);
  }

  private leave(): void {
    if (this.settled) return;
    this.resumed++;
    this.leaving = true;
    this.socket?.terminate();
  }

  private async reopen(): Promise<void> {
    this.socket = undefined;
    if (!this.leaving) {
      this.closed++;
      await sleep(RETRY);
    }
    this.leaving = false;
    await this.open().catch(() => this.reopen());
  }
}
