import { EARLIEST, isCovered, oldestCursor, parseCursor, type Position } from "./cursor.ts";
import type { MaltenError } from "./error.ts";
import type { PresenceTracker } from "./presence-tracker.ts";
import { readEvent, type PresenceInfo } from "./stream-event.ts";
import type { Subscription } from "./subscription.ts";
import type { Connection, WireItem } from "./transports/connection.ts";

/** Items that are held back until it is known whose message is the first of them. */
const HELD = 8192;

/** What a stream needs of the connection that carries it. */
export interface SubscriptionHost {
  /** The open connection, if there is one, and its server. */
  readonly open: { readonly connection: Connection; readonly server: string } | undefined;
}

/** Whether a message was sent from here; undefined is not known yet. */
type IsOwn = (id: string, text: string) => boolean | undefined;

/**
 * One subscription at the server for all listeners of a stream. Each listener leaves out what it has had, so the subscription
 * begins at the oldest of their positions, and begins again where another one joins that needs more. A listener without a
 * position first needs to know where the stream is: a subscription that begins live tells, before it is replaced by one that begins
 * where the others are.
 */
export class SharedSubscription {
  readonly stream: string;
  /** What the open connection was asked for. */
  #phase: "none" | "beginning" | "active" = "none";
  /** It began with the next message, not at a cursor. */
  #beganLive = false;
  /** Who numbers the messages, and up to where all is given. */
  #server = "";
  #place = 0n;
  /** Where the stream was when that was last known: from there on, what comes is live. */
  #live: bigint | undefined;
  #held: WireItem[] = [];
  /** Set by {@link setPresence}; otherwise the newest listener that has a name says who is seen. */
  #person: PresenceInfo | undefined;
  /** Who the server shows. */
  #announced: PresenceInfo = {};
  /** It was active on the open connection: what follows is only a change of where it begins. */
  #isEstablished = false;
  #presence: PresenceTracker | undefined;
  readonly #listeners = new Set<Subscription>();
  #host: SubscriptionHost | undefined;

  readonly #isOwnMessage: IsOwn;

  constructor(stream: string, isOwn: IsOwn) {
    this.stream = stream;
    this.#isOwnMessage = isOwn;
  }

  /** Whether anyone listens. */
  get isWanted(): boolean {
    return this.#listeners.size > 0 || this.#presence !== undefined;
  }

  /** Whether the server has begun to send what comes from now on. */
  get isEstablished(): boolean {
    return this.#isEstablished;
  }

  add(listener: Subscription, host: SubscriptionHost): void {
    if (isNamed(listener)) this.#person = undefined;
    this.#listeners.add(listener);
    this.#host = host;
    this.#join(listener);
    this.#announce();
  }

  /** The reader of a listener that paused has caught up. */
  resume(listener: Subscription): void {
    listener.resume();
    if (this.#listeners.has(listener)) this.#join(listener);
  }

  delete(listener: Subscription): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#person = undefined;
    this.#stopUnlessNeeded();
    this.#announce();
  }

  setPresence(person: PresenceInfo): void {
    this.#person = person;
    this.#announce();
  }

  /** Keeps the tracker up to date, until {@link untrack}. */
  track(tracker: PresenceTracker, host: SubscriptionHost): void {
    this.#host = host;
    this.#presence = tracker;
    if (this.#phase === "none") this.#begin();
    else if (this.#phase === "active") tracker.refresh();
  }

  untrack(): void {
    this.#presence?.stop();
    this.#presence = undefined;
    this.#stopUnlessNeeded();
  }

  /** A connection is open. */
  opened(): void {
    this.#begin();
  }

  /** The connection is gone. */
  lost(): void {
    this.#reset();
    this.#isEstablished = false;
  }

  /** Takes a message or an event; returns whether it brought the stream forward. */
  received(item: WireItem): boolean {
    if (item.Type === "event" && item.Text === "welcome") {
      this.#welcomed(item.Server ?? "", parseCursor(item.Cursor ?? "").created);
      return false;
    }
    if (this.#phase !== "active") return false;
    if (this.#held.length === 0 && this.#isOwn(item) !== undefined) return this.#deliver(item);
    this.#held.push(item);
    // It begins again, where the listeners are, when that is known.
    if (this.#held.length > HELD) this.#stop();
    return false;
  }

  /** A message that was sent from here has its answer. */
  release(): void {
    for (const item of this.#held.splice(0)) this.received(item);
    if (this.#phase === "none") this.#begin();
  }

  /** The server refuses the subscription: it ends, for the listener who is at fault if that is known. */
  refused(error: MaltenError): void {
    const culprit = error.code === "bad_person" || error.code === "bad_parameter" ? this.#named : undefined;
    for (const listener of culprit ? [culprit] : this.#listeners) {
      this.#listeners.delete(listener);
      listener.end(error);
    }
    this.#person = undefined;
    this.#reset();
    if (this.#listeners.size > 0) this.#begin();
  }

  /** Ends all listeners. */
  close(error?: MaltenError): void {
    for (const listener of this.#listeners) listener.end(error);
    this.#listeners.clear();
    this.untrack();
  }

  get #receiving(): Subscription[] {
    return Array.from(this.#listeners).filter(({ isPaused }) => !isPaused);
  }

  /** The newest listener that says who it is. */
  get #named(): Subscription | undefined {
    return Array.from(this.#listeners).findLast(isNamed);
  }

  get #isNeeded(): boolean {
    if (this.#presence !== undefined) return true;
    for (const { isPaused } of this.#listeners) if (!isPaused) return true;
    return false;
  }

  get #isLive(): boolean {
    return this.#live !== undefined && this.#place >= this.#live;
  }

  get #shown(): PresenceInfo {
    return this.#person ?? this.#named?.person ?? {};
  }

  /** The server began the subscription after this position. */
  #welcomed(server: string, created: bigint): void {
    // Otherwise the server knows the cursors that it was asked for: to begin again would not help.
    const isNews = this.#beganLive || this.#server !== server;
    if (this.#server !== server) this.#live = undefined;
    this.#server = server;
    this.#place = created > EARLIEST ? created : 0n;
    this.#phase = "active";
    this.#isEstablished = true;
    if (this.#beganLive) this.#live = created;
    const receiving = this.#receiving;
    for (const listener of receiving) listener.begin(server, this.#beganLive ? created : undefined);
    if (isNews && receiving.some(({ position }) => !this.#covers(position))) this.#begin();
    this.#presence?.refresh();
  }

  #covers(position: Position | undefined): boolean {
    return position !== undefined && isCovered(position, this.#place, this.#server);
  }

  #join(listener: Subscription): void {
    if (this.#phase === "active") {
      listener.begin(this.#server, this.#isLive ? this.#place : undefined);
      if (!this.#covers(listener.position)) this.#begin();
    } else if (this.#phase === "none" || (listener.position === undefined && !this.#beganLive)) {
      this.#begin();
    }
    // Otherwise the subscription that is beginning tells whether it is enough.
  }

  #begin(): void {
    const open = this.#host?.open;
    if (open === undefined || !this.#isNeeded) return;
    if (this.#isLive) this.#live = this.#place;
    const receiving = this.#receiving;
    const positions = receiving.map(({ position }) => position).filter((one) => one !== undefined);
    this.#beganLive = positions.length < receiving.length || receiving.length === 0;
    this.#phase = "beginning";
    this.#held = [];
    const cursor = this.#beganLive ? undefined : oldestCursor(positions, open.server);
    this.#announced = this.#shown;
    open.connection.subscribe(this.stream, { cursor, person: this.#shown });
  }

  #stopUnlessNeeded(): void {
    if (this.#phase !== "none" && !this.#isNeeded) this.#stop();
  }

  #stop(): void {
    this.#reset();
    this.#isEstablished &&= this.isWanted;
    this.#host?.open?.connection.unsubscribe(this.stream);
  }

  #reset(): void {
    this.#phase = "none";
    this.#live = undefined;
    this.#held = [];
  }

  #announce(): void {
    const person = this.#shown;
    const isSame = person.name === this.#announced.name && person.status === this.#announced.status;
    if (isSame || this.#phase === "none") return;
    this.#announced = person;
    const connection = this.#host?.open?.connection;
    if (connection?.setPresence) connection.setPresence(this.stream, person);
    else this.#begin();
  }

  #isOwn(item: WireItem): boolean | undefined {
    return item.Type === "message" ? this.#isOwnMessage(item.Id, item.Text) : false;
  }

  #deliver(item: WireItem): boolean {
    const place = this.#place;
    if (item.Type === "message") this.#place = max(place, BigInt(item.Created));
    else if (item.Text === "gap") this.#place = max(place, BigInt(item.To ?? 0) - 1n);
    const event = readEvent(item, this.#server, this.#isOwn(item) === true);
    if (event === undefined) return false;
    for (const listener of this.#listeners) listener.take(event, this.#server);
    if (event.type === "presence") this.#presence?.take(event);
    if (event.type === "gap") this.#presence?.refresh();
    this.#stopUnlessNeeded();
    return this.#place > place;
  }
}

function isNamed({ person: { name, status } }: Subscription): boolean {
  return name !== undefined || status !== undefined;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
