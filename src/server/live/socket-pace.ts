import type { Clock } from "../../core/clock.ts";
import type { Scheduler } from "../../core/hub.ts";
import { Problem } from "../../protocol/problem.ts";
import type { Client } from "../limits/client.ts";
import type { Quota } from "../limits/quota.ts";
import { DEBT, type BilledMessage } from "../limits/rates.ts";
import type { Socket } from "./socket-group.ts";

/** Shared by all WebSockets of a server. */
export interface PaceContext {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Delayed acks of all WebSockets together. */
  readonly delayedAcks: Quota;
}

interface DelayedAck {
  readonly json: string;
  /** By the monotonic clock. */
  readonly due: number;
}

/** A WebSocket with fewer delayed acks may send although another of its client is far ahead of the rate. */
const FEW = 16;

/** Bounds of a timer, in milliseconds: acks due within the least are sent together, and a closed WebSocket is kept no longer than the most. */
const TIMER = { least: 10, most: 1000 };

/**
 * Holds the messages of a WebSocket to the rates of its client. A message that comes too fast is published at once, and its ack is
 * delayed until the rate allows it, so a sender with a limited number of unacknowledged messages slows down by itself. If too
 * many acks are delayed, messages are refused: this one and all that follow until the time to try again. So a sender that repeats
 * the refused ones in order keeps their order.
 */
export class SocketPace {
  private readonly acks: DelayedAck[] = [];
  /** Those of messages that the broker has just acknowledged. */
  private readonly late: DelayedAck[] = [];
  private scheduled = false;
  private closed = false;
  private refusal: Problem | undefined = undefined;
  private refusedUntil = 0;
  private readonly socket: Socket;
  private readonly client: Client;
  private readonly context: PaceContext;

  constructor(socket: Socket, client: Client, context: PaceContext) {
    this.socket = socket;
    this.client = client;
    this.context = context;
  }

  /** Counts a message. Returns when to acknowledge it, by the monotonic clock; 0: at once. @throws Problem `rate_limited` */
  admit(stream: string, message: BilledMessage): number {
    if (this.refusal !== undefined) this.checkRefusal(this.refusal);
    const delay = this.client.chargeMessage(stream, message, this.windows());
    return delay === 0 ? 0 : this.context.clock.monotonic() + delay;
  }

  /** Refuses all messages until the client may send this one again. */
  refuse(problem: Problem): void {
    if (problem.retryAfter === undefined || this.refusal !== undefined) return;
    this.refusal = problem;
    this.refusedUntil = this.context.clock.monotonic() + problem.retryAfter * 1000;
  }

  /** Sends an ack when it is due, after those that are already delayed. */
  acknowledge(json: string, due: number): void {
    if (this.closed) return;
    if (due === 0 || this.context.delayedAcks.isFull) {
      this.socket.send(json);
      return;
    }
    this.context.delayedAcks.take();
    this.acks.push({ json, due: Math.max(due, this.acks.at(-1)?.due ?? 0) });
    this.schedule();
  }

  /**
   * Does what {@link acknowledge} does, in one write with the other acks of this moment: a broker in another process answers many
   * messages at a time.
   */
  acknowledgeLate(json: string, due: number): void {
    if (this.late.push({ json, due }) > 1) return;
    queueMicrotask(() => {
      const late = this.late.splice(0);
      if (this.closed) return;
      this.socket.cork(() => {
        for (const ack of late) this.acknowledge(ack.json, ack.due);
      });
    });
  }

  /** Sends all acks now: their messages are published, and the connection ends. */
  flush(): void {
    this.send(this.acks.length);
  }

  /** Drops the acks of a connection that is closed. */
  close(): void {
    this.closed = true;
    for (const _ of this.acks.splice(0)) this.context.delayedAcks.release();
  }

  /** @throws Problem the refusal with its remaining time, while it lasts */
  private checkRefusal({ code, detail }: Problem): void {
    const left = this.refusedUntil - this.context.clock.monotonic();
    if (left > 0) throw new Problem(code, detail, Math.ceil(left / 1000));
    this.refusal = undefined;
  }

  /** How far ahead the client may be for a message of this WebSocket, in multiples of {@link DEBT}; 0: no more acks can be delayed. */
  private windows(): number {
    if (this.acks.length >= DEBT || this.context.delayedAcks.isFull) return 0;
    return this.acks.length < FEW ? 2 : 1;
  }

  private schedule(): void {
    const [first] = this.acks;
    if (first === undefined || this.scheduled) return;
    this.scheduled = true;
    const wait = first.due - this.context.clock.monotonic();
    const delay = Math.min(Math.max(wait, TIMER.least), TIMER.most);
    this.context.scheduler(() => {
      this.scheduled = false;
      this.sendDue();
      this.schedule();
    }, delay);
  }

  private sendDue(): void {
    const now = this.context.clock.monotonic();
    const later = this.acks.findIndex(({ due }) => due > now);
    this.send(later === -1 ? this.acks.length : later);
  }

  private send(count: number): void {
    for (const { json } of this.acks.splice(0, count)) {
      this.context.delayedAcks.release();
      this.socket.send(json);
    }
  }
}
