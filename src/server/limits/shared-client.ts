import type { ProblemCode } from "../../protocol/problem.ts";
import { isUnlisted } from "../../protocol/name.ts";
import type { Peer } from "../guard/live-peers.ts";
import { Client, type ClientContext } from "./client.ts";
import { take } from "./gcra.ts";
import type { Quota } from "./quota.ts";
import { byteCost, MALFORMED_REQUEST, type BilledMessage } from "./rates.ts";

/** What a client has open. */
export interface Held {
  readonly connections: number;
  readonly subscriptions: number;
}

/** What a client used up of its rates. */
export interface Charges {
  readonly messages: number;
  readonly bytes: number;
  readonly frames: number;
}

export const NO_CHARGES: Charges = { messages: 0, bytes: 0, frames: 0 };

export function sumCharges(one: Charges, other: Charges): Charges {
  return {
    messages: one.messages + other.messages,
    bytes: one.bytes + other.bytes,
    frames: one.frames + other.frames,
  };
}

/**
 * A client that other processes of the same server serve as well. Each of them decides at once, and tells the others soon after: so
 * the rates of a client are those of one process, and what it sends to several processes in the same moment is owed.
 */
export class SharedClient extends Client {
  /** What was charged here since it was last told. */
  private charges = NO_CHARGES;
  /** What it has open in other processes. */
  private elsewhere: Held = { connections: 0, subscriptions: 0 };
  private readonly onChange: (client: SharedClient) => void;

  /** @param onChange called when there is something to tell the others */
  constructor(
    key: string,
    context: ClientContext,
    options: { readonly mayForward: boolean },
    onChange: (client: SharedClient) => void,
  ) {
    super(key, context, options);
    this.onChange = onChange;
  }

  override get isOpen(): boolean {
    return super.isOpen || this.elsewhere.connections > 0 || this.elsewhere.subscriptions > 0;
  }

  override admitMessage(stream: string, message: BilledMessage): void {
    super.admitMessage(stream, message);
    this.bill(stream, message);
  }

  override chargeMessage(stream: string, message: BilledMessage, windows: number): number {
    const delay = super.chargeMessage(stream, message, windows);
    this.bill(stream, message);
    return delay;
  }

  override chargeMalformed(): void {
    const before = this.messagesAt;
    super.chargeMalformed();
    // It is not counted for a client that owes much already.
    if (this.messagesAt !== before) this.charge({ messages: MALFORMED_REQUEST });
  }

  override admitFrame(): void {
    super.admitFrame();
    this.charge({ frames: 1 });
  }

  override chargeRefusal(cost: number): boolean {
    const isAllowed = super.chargeRefusal(cost);
    if (isAllowed) this.charge({ frames: cost });
    return isAllowed;
  }

  override openConnection(peer?: Peer): void {
    super.openConnection(peer);
    this.onChange(this);
  }

  override closeConnection(peer?: Peer): void {
    super.closeConnection(peer);
    this.onChange(this);
  }

  override openSubscription(): void {
    super.openSubscription();
    this.onChange(this);
  }

  override closeSubscription(): void {
    super.closeSubscription();
    this.onChange(this);
  }

  /** Returns what was charged since the last call. */
  takeCharges(): Charges {
    const { charges } = this;
    this.charges = NO_CHARGES;
    return charges;
  }

  get held(): Held {
    return { connections: this.connections, subscriptions: this.subscriptions };
  }

  /** Takes over what other processes charged, and what the client has open there. */
  apply({ messages, bytes, frames }: Charges, elsewhere: Held): void {
    const { clock, rates } = this.context;
    const now = clock.monotonic();
    // Taking nothing would move a time in the past to now, which changes nothing either.
    this.messagesAt = take(this.messagesAt, now, messages, rates.messages);
    this.bytesAt = take(this.bytesAt, now, bytes, rates.bytes);
    this.framesAt = take(this.framesAt, now, frames, rates.frames);
    this.elsewhere = elsewhere;
  }

  protected override takeOne(quota: Quota, held: number, limit: number, code: ProblemCode): void {
    const { connections, subscriptions } = this.elsewhere;
    const others = quota === this.context.connections ? connections : subscriptions;
    super.takeOne(quota, held + others, limit, code);
  }

  private bill(stream: string, message: BilledMessage): void {
    if (isUnlisted(stream)) this.charge({ bytes: byteCost(message) });
    else this.charge({ messages: 1 });
  }

  private charge(added: Partial<Charges>): void {
    this.charges = sumCharges(this.charges, { ...NO_CHARGES, ...added });
    this.onChange(this);
  }
}
