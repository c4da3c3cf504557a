import type { Payer } from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { isUnlisted } from "../../protocol/name.ts";
import { Problem, type ProblemCode } from "../../protocol/problem.ts";
import { excess, take, type Rate } from "./gcra.ts";
import type { LivePeers, Peer } from "../guard/live-peers.ts";
import type { Quota } from "./quota.ts";
import {
  byteCost,
  DEBT,
  FRAME_DEBT,
  LONGEST_TEXT,
  MALFORMED_REQUEST,
  REFUSED_CONNECTIONS,
  type Rates,
  type BilledMessage,
} from "./rates.ts";

/** What all clients of a server share. */
export interface ClientContext {
  readonly clock: Clock;
  readonly rates: Rates;
  /** Connections and subscriptions of all clients together. */
  readonly connections: Quota;
  readonly subscriptions: Quota;
  readonly live: LivePeers;
  readonly maxConnectionsPerClient: number;
  readonly maxSubscriptionsPerClient: number;
}

/**
 * One client: everyone whose address has the same prefix, IPv4 /32 or IPv6 /64. Knows how much it sends and what it has open. The
 * exempt one has no limits of its own; totals apply to it as well.
 */
export class Client implements Payer {
  // What every message needs comes first, so that it is in one cache line.
  readonly key: string;
  /** Whether its address is one that proxies have, so that requests from it may be of other clients. */
  readonly mayForward: boolean;
  /** `seen` after a request, `known` once the table has passed over it since, looking for a client to forget. */
  standing: "seen" | "known" | "forgotten" = "known";
  private readonly exempt: boolean;
  protected readonly context: ClientContext;
  /** When each of its rates allows a full burst again: see gcra.ts. */
  protected messagesAt = 0;
  protected bytesAt = 0;
  private streamsAt = 0;
  protected framesAt = 0;
  private refusedAt = 0;
  protected connections = 0;
  protected subscriptions = 0;
  /** See {@link Payer.account}. */
  account: unknown = undefined;

  constructor(key: string, context: ClientContext, { mayForward = false, exempt = false } = {}) {
    this.key = key;
    this.mayForward = mayForward;
    this.exempt = exempt;
    this.context = context;
  }

  /** The client as the payer of what it publishes and creates; undefined if it is exempt. */
  get payer(): Payer | undefined {
    return this.exempt ? undefined : this;
  }

  /** Whether it has anything open. */
  get isOpen(): boolean {
    return this.connections > 0 || this.subscriptions > 0;
  }

  /** Takes over what another client has used up of its rates. */
  inherit({ messagesAt, bytesAt, streamsAt, framesAt }: Client): void {
    this.messagesAt = messagesAt;
    this.bytesAt = bytesAt;
    this.streamsAt = streamsAt;
    this.framesAt = framesAt;
  }

  /** Counts a message. @throws Problem `rate_limited` */
  admitMessage(stream: string, message: BilledMessage): void {
    if (this.exempt) return;
    const { rates } = this.context;
    if (isUnlisted(stream)) this.bytesAt = this.admit(this.bytesAt, byteCost(message), rates.bytes);
    else this.messagesAt = this.admit(this.messagesAt, 1, rates.messages);
  }

  /**
   * Counts a message whose ack can be delayed. Returns how long to delay it, in milliseconds.
   * @param windows how far the client may be ahead of its rate, in multiples of {@link DEBT} messages
   * @throws Problem `rate_limited`, until at most half of {@link DEBT} is left to pay
   */
  chargeMessage(stream: string, message: BilledMessage, windows: number): number {
    if (this.exempt) return 0;
    const { clock, rates } = this.context;
    const unlisted = isUnlisted(stream);
    const rate = unlisted ? rates.bytes : rates.messages;
    const now = clock.monotonic();
    const next = take(unlisted ? this.bytesAt : this.messagesAt, now, unlisted ? byteCost(message) : 1, rate);
    const delay = excess(next, now, rate);
    const debt = (unlisted ? DEBT * LONGEST_TEXT : DEBT) * rate.interval;
    if (delay > windows * debt) throw rateLimited(Math.max(1, delay - debt / 2));
    if (unlisted) this.bytesAt = next;
    else this.messagesAt = next;
    return delay;
  }

  /** Counts a new stream. @throws Problem `rate_limited` */
  admitStream(): void {
    if (!this.exempt) this.streamsAt = this.admit(this.streamsAt, 1, this.context.rates.streams);
  }

  /** Counts a malformed request. It is not refused: later messages are. */
  chargeMalformed(): void {
    if (this.exempt) return;
    const { clock, rates } = this.context;
    const now = clock.monotonic();
    const next = take(this.messagesAt, now, MALFORMED_REQUEST, rates.messages);
    if (excess(next, now, rates.messages) <= DEBT * rates.messages.interval) this.messagesAt = next;
  }

  /** Counts a WebSocket frame that publishes nothing. @throws Problem `rate_limited` */
  admitFrame(): void {
    if (!this.exempt) this.framesAt = this.admit(this.framesAt, 1, this.context.rates.frames);
  }

  /** Counts a refused frame. Returns false if its WebSocket should be closed because there are too many. */
  chargeRefusal(cost: number): boolean {
    if (this.exempt) return true;
    const { clock, rates } = this.context;
    const now = clock.monotonic();
    const next = take(this.framesAt, now, cost, rates.frames);
    if (excess(next, now, rates.frames) > FRAME_DEBT * rates.frames.interval) return false;
    this.framesAt = next;
    return true;
  }

  /** Counts a connection that is closed because a request was refused. Returns false if there are too many at a time. */
  chargeRefusedConnection(): boolean {
    if (this.exempt) return true;
    const now = this.context.clock.monotonic();
    const next = take(this.refusedAt, now, 1, REFUSED_CONNECTIONS);
    if (excess(next, now, REFUSED_CONNECTIONS) > 0) return false;
    this.refusedAt = next;
    return true;
  }

  /**
   * Counts a connection that stays open. Each call needs one {@link closeConnection}.
   * @param peer its other end, if it is known
   * @throws Problem `too_many_connections`, or `too_busy` if the server is so full that this client has its share already
   */
  openConnection(peer?: Peer): void {
    const { connections, live, maxConnectionsPerClient } = this.context;
    this.takeOne(connections, this.connections, maxConnectionsPerClient, "too_many_connections");
    this.connections++;
    live.add(peer);
  }

  /** @param peer as for {@link openConnection} */
  closeConnection(peer?: Peer): void {
    this.connections--;
    this.context.connections.release();
    this.context.live.remove(peer);
  }

  /**
   * Counts a subscription. Each call needs one {@link closeSubscription}.
   * @throws Problem `too_many_subscriptions`, or `too_busy` if the server is so full that this client has its share already
   */
  openSubscription(): void {
    const { subscriptions, maxSubscriptionsPerClient } = this.context;
    this.takeOne(subscriptions, this.subscriptions, maxSubscriptionsPerClient, "too_many_subscriptions");
    this.subscriptions++;
  }

  closeSubscription(): void {
    this.subscriptions--;
    this.context.subscriptions.release();
  }

  /** Counts a connection with one subscription. Each call needs one {@link closeListener}. @throws Problem as the two do */
  openListener(peer?: Peer): void {
    this.openConnection(peer);
    try {
      this.openSubscription();
    } catch (error) {
      this.closeConnection(peer);
      throw error;
    }
  }

  closeListener(peer?: Peer): void {
    this.closeSubscription();
    this.closeConnection(peer);
  }

  /** Takes one of a quota. @throws Problem `code` if the client holds `limit` already, or `too_busy` */
  protected takeOne(quota: Quota, held: number, limit: number, code: ProblemCode): void {
    if (this.exempt) return quota.take();
    if (held >= limit)
      throw new Problem(code, `Too many ${quota.what} from your address; the limit is ${limit}`);
    quota.share(held);
  }

  /** Returns the new state of a rate. @throws Problem `rate_limited` */
  private admit(fullAt: number, cost: number, rate: Rate): number {
    const now = this.context.clock.monotonic();
    const next = take(fullAt, now, cost, rate);
    const wait = excess(next, now, rate);
    if (wait > 0) throw rateLimited(wait);
    return next;
  }
}

function rateLimited(wait: number): Problem {
  const seconds = Math.ceil(wait / 1000);
  return new Problem(
    "rate_limited",
    `Too many requests from your address; try again in ${seconds} s`,
    seconds,
  );
}
