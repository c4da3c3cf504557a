import { EARLIEST, oldestCursor, UNKNOWN_SERVER, type Position } from "./cursor.ts";
import { MaltenError } from "./error.ts";
import type { PresenceTracker } from "./presence-tracker.ts";
import { MAX_HOLD, type SendQueue } from "./send-queue.ts";
import { readEvent, type PresenceInfo, type StreamEvent } from "./stream-event.ts";
import type { Subscription } from "./subscription.ts";
import type { CloseInfo, Connection, WireItem } from "./transports/connection.ts";

/** The connection that carries a stream. */
export interface SubscriptionHost {
  /** Undefined while there is no open connection. */
  readonly open: Connection | undefined;
  /** How long a subscription may take to begin, in milliseconds. */
  readonly silence: number;
  /** Closes the connection. */
  closed(info: CloseInfo): void;
}

/** Tells which messages this program sent. */
type OwnMessages = Pick<SendQueue, "isOwn">;

/**
 * One subscription at the server for all listeners of a stream. Each listener skips what it already received, so the subscription
 * begins at the oldest of their positions, and begins again when one joins that needs older messages. A listener without a position
 * first needs the stream's current one: a subscription that begins live provides it, before one that begins at the oldest position
 * replaces it.
 */
export class SharedSubscription {
  readonly stream: string;
  /** The subscription requested on the open connection. */
  #phase: "none" | "beginning" | "active" = "none";
  /** Whether it began live, not at a cursor. */
  #beganLive = false;
  /** The server that numbers the messages, and the newest one that was delivered. */
  #server = "";
  #place = 0n;
  /** The newest known end of the stream: later messages are live. */
  #live: bigint | undefined;
  #held: StreamEvent[] = [];
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  /** Limits the wait for the welcome. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Set by {@link setPresence}; otherwise the newest listener with a name decides who is shown. */
  #person: PresenceInfo | undefined;
  /** The person that the server shows. */
  #announced: PresenceInfo = {};
  /** Whether it was active on the open connection: another subscription then only changes where it begins. */
  #isEstablished = false;
  /** Set by {@link track}. */
  tracker: PresenceTracker | undefined;
  readonly #listeners = new Set<Subscription>();
  #host: SubscriptionHost | undefined;
  readonly #own: OwnMessages;

  constructor(stream: string, own: OwnMessages) {
    this.stream = stream;
    this.#own = own;
  }

  /** Whether anything listens, even if paused. */
  get isWanted(): boolean {
    return this.#listeners.size > 0 || !!this.tracker;
  }

  /** Whether it waits for the server to begin. */
  get isBeginning(): boolean {
    return this.#isNeeded && !this.#isEstablished;
  }

  add(listener: Subscription): void {
    if (listener.person) this.#person = undefined;
    this.#listeners.add(listener);
    this.#join(listener);
    this.#announce();
  }

  /** Called when the reader of a paused listener has caught up. */
  resume(listener: Subscription): void {
    listener.isPaused = false;
    if (this.#listeners.has(listener)) this.#join(listener);
  }

  delete(listener: Subscription): void {
    this.#listeners.delete(listener);
    this.#stopUnlessNeeded();
    this.#announce();
  }

  setPresence(person: PresenceInfo): void {
    this.#person = person;
    this.#announce();
  }

  /** Keeps the tracker up to date, until {@link untrack}. */
  track(tracker: PresenceTracker): void {
    this.tracker = tracker;
    if (this.#phase === "active") tracker.refresh();
  }

  untrack(): void {
    this.tracker?.stop();
    this.tracker = undefined;
    this.#stopUnlessNeeded();
  }

  /** Uses the connection of `host`, once it is open. */
  attach(host: SubscriptionHost): void {
    this.#host = host;
    if (this.#phase === "none") this.#begin();
  }

  /** Called when the connection is lost. */
  lost(): void {
    this.#reset();
    this.#isEstablished = false;
  }

  /** Handles a message or an event. Returns whether it advanced the stream. */
  received(item: WireItem): boolean {
    if (item.Type === "event" && item.Text === "welcome")
      this.#welcomed(item.Server, item.Cursor, item.Created);
    if (this.#phase === "active") {
      // Before it waits: what it throws closes the connection.
      const event = readEvent(item, this.#server);
      if (event) {
        this.#held.push(event);
        return this.release();
      }
    }
    return false;
  }

  /**
   * Delivers in order, up to a message that waits for the answer to one of the same text that was sent from here. Returns whether
   * that brought the stream forward.
   */
  release(): boolean {
    const place = this.#place;
    for (;;) {
      const [event] = this.#held;
      if (!event) break;
      const isOwn = event.type === "message" && this.#own.isOwn(event.message.id, event.message.text);
      if (isOwn === undefined) {
        clearTimeout(this.#holdTimer);
        // Timers may be a little early.
        this.#holdTimer = setTimeout(() => this.release(), MAX_HOLD + 9);
        break;
      }
      this.#held.shift();
      this.#deliver(isOwn ? { type: "message", message: { ...event.message, own: true } } : event);
    }
    return this.#place > place;
  }

  /** Ends the listeners of a subscription that the server rejected; for a rejected name, only the one that set it. */
  refused(error: MaltenError): void {
    const named = this.#named;
    const isPersonal = !!(named ?? this.#person) && ["bad_person", "bad_parameter"].includes(error.code);
    for (const listener of isPersonal && named ? [named] : this.#listeners) {
      this.#listeners.delete(listener);
      listener.queue.end(error);
    }
    this.#person = undefined;
    this.#reset();
    if (isPersonal) this.#begin();
    else this.untrack();
  }

  /** Ends all listeners. */
  close(error?: MaltenError): void {
    for (const listener of this.#listeners) listener.queue.end(error);
    this.untrack();
  }

  get #receiving(): Subscription[] {
    return [...this.#listeners].filter(({ isPaused }) => !isPaused);
  }

  /** The newest listener with a name. */
  get #named(): Subscription | undefined {
    return [...this.#listeners].findLast(({ person }) => person);
  }

  get #isNeeded(): boolean {
    return !!this.tracker || this.#receiving.length > 0;
  }

  get #isLive(): boolean {
    return this.#live !== undefined && this.#place >= this.#live;
  }

  get #shown(): PresenceInfo {
    return this.#person ?? this.#named?.person ?? {};
  }

  /** The server began the subscription at this cursor. */
  #welcomed(server: string, cursor: string, now: string | undefined): void {
    const created = BigInt(cursor.replace(/-.*/, ""));
    // Otherwise the server knows the requested cursors, and beginning again would not help.
    const isNews = this.#beganLive || this.#server !== server;
    if (this.#server !== server) this.#live = undefined;
    this.#server = server;
    this.#place = created > EARLIEST ? created : 0n;
    clearTimeout(this.#timer);
    this.#phase = "active";
    this.#isEstablished = true;
    if (this.#beganLive) this.#live = created;
    const receiving = this.#receiving;
    for (const listener of receiving) listener.begin(server, this.#place, this.#beganLive, now);
    const uncovered = receiving.map(({ position }) => position).filter((one) => !this.#covers(one));
    if (isNews ? uncovered.length > 0 : uncovered.some((one) => one?.server === UNKNOWN_SERVER))
      this.#begin();
    this.tracker?.refresh();
  }

  #covers(position: Position | undefined): boolean {
    if (!position) return false;
    const { created, server } = position;
    return this.#place === 0n || (created >= this.#place && server === this.#server);
  }

  #join(listener: Subscription): void {
    if (this.#phase === "active") {
      if (!listener.position && this.#isLive) listener.begin(this.#server, this.#place, true);
      if (!this.#covers(listener.position)) this.#begin();
    } else if (this.#phase === "none" || (!listener.position && !this.#beganLive)) {
      this.#begin();
    }
    // Otherwise the welcome of the subscription that is beginning shows whether it is enough.
  }

  #begin(): void {
    const host = this.#host;
    if (!host?.open || !this.#isNeeded) return;
    const connection = host.open;
    if (this.#isLive) this.#live = this.#place;
    const receiving = this.#receiving;
    const positions = receiving.flatMap(({ position }) => position ?? []);
    this.#beganLive = positions.length < receiving.length || receiving.length === 0;
    this.#phase = "beginning";
    this.#held = [];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      host.closed({ error: new MaltenError("unreachable", "No welcome"), unsupported: true });
    }, host.silence);
    const cursor = this.#beganLive ? undefined : oldestCursor(positions, connection.server);
    this.#announced = this.#shown;
    connection.subscribe(this.stream, { cursor, person: this.#announced });
  }

  #stopUnlessNeeded(): void {
    if (this.#phase === "none" || this.#isNeeded) return;
    this.#reset();
    this.#isEstablished &&= this.isWanted;
    this.#host?.open?.unsubscribe(this.stream);
  }

  #reset(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#holdTimer);
    this.#phase = "none";
    this.#live = undefined;
    this.#held = [];
  }

  #announce(): void {
    const person = this.#shown;
    const isSame = person.name === this.#announced.name && person.status === this.#announced.status;
    if (isSame || this.#phase === "none") return;
    this.#announced = person;
    const connection = this.#host?.open;
    if (connection?.setPresence) connection.setPresence(this.stream, person);
    else this.#begin();
  }

  #deliver(event: StreamEvent): void {
    if (event.type === "message") this.#reach(BigInt(event.message.created));
    if (event.type === "gap") this.#reach(BigInt(event.gap.to) - 1n);
    for (const listener of this.#listeners) listener.take(event, this.#server);
    if (event.type === "presence") this.tracker?.take(event);
    if (event.type === "gap") this.tracker?.refresh();
    this.#stopUnlessNeeded();
  }

  #reach(place: bigint): void {
    if (place > this.#place) this.#place = place;
  }
}
