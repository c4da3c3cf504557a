import type { Clock } from "../core/clock.ts";
import { Problem } from "../protocol/problem.ts";

/** How long a shutdown takes at most, in milliseconds: then requests that are not finished are cut off. */
const NOTICE = 10_000;

/** How long listeners that are behind may catch up before they are told to leave, in milliseconds. */
const PATIENCE = 9000;

/** Time over which listeners are told to leave, in milliseconds. The rest of the notice is for the last ones to finish. */
const SPREAD = 8000;

/** Time for each listener, in milliseconds: with fewer than {@link SPREAD} listeners, a thousand of them leave per second. */
const TIME_EACH = 1;

/** Listeners that leave at once, without any spread: nobody waits for a server with a few tabs open. */
const AT_ONCE = 100;

/** When clients come back after the server has ended, in milliseconds: at random in this range, or a longer one if they are many. */
const RETURN = { least: 1000, spread: 2000 };

/** A connection that stays open until its client or the server ends it. */
export interface Leaver {
  /** Whether acknowledged messages have not been sent to the client yet. */
  readonly isBehind: boolean;
  /** Ends the connection, and asks the client to come back after this many milliseconds if its protocol has a way to. */
  leave(comeBack: number): void;
}

/**
 * The shutdown of a server. Once it has begun, nothing new is accepted, so that every acknowledged message reaches the listeners
 * that are still connected. They leave one after the other, in random order: if all came back to the next server at the same moment, they
 * would overload it. Those that are behind leave later, once they have caught up.
 */
export class Shutdown {
  private find: () => readonly Leaver[] = () => [];
  private leavers: readonly Leaver[] = [];
  private left = 0;
  private beganAt: number | undefined = undefined;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether the server has stopped accepting anything new. */
  get hasBegun(): boolean {
    return this.beganAt !== undefined;
  }

  /** Whether all listeners have been told, except those that are behind. */
  get isAnnounced(): boolean {
    return this.left === this.leavers.length;
  }

  /** Whether the notice is over. */
  get isDue(): boolean {
    return this.elapsed >= NOTICE;
  }

  /** @throws Problem `shutting_down` once it has begun */
  check(): void {
    if (this.hasBegun) throw this.problem();
  }

  /** The error of requests that come too late. Their `Retry-After` is spread like the listeners, and later than the end. */
  problem(): Problem {
    return new Problem("shutting_down", undefined, Math.ceil(this.comeBack() / 1000));
  }

  /** `find` returns the listeners of the server. */
  begin(find: () => readonly Leaver[]): void {
    this.beganAt = this.clock.monotonic();
    this.find = find;
    this.leavers = shuffle(find());
    this.onTimer();
  }

  /** Tells the listeners whose turn has come. Called often once it has begun. */
  onTimer(): void {
    if (!this.hasBegun) return;
    const { length } = this.leavers;
    const due = this.duration === 0 ? length : Math.ceil((length * this.elapsed) / this.duration);
    for (; this.left < Math.min(due, length); this.left++) this.tell(this.leavers[this.left]);
    // Those that were behind, and requests accepted earlier that have become listeners since.
    if (this.isAnnounced) for (const late of this.find()) this.tell(late);
  }

  private tell(leaver: Leaver | undefined): void {
    if (leaver?.isBehind === true && this.elapsed < PATIENCE) return;
    leaver?.leave(this.comeBack());
  }

  /** Time over which the listeners leave, in milliseconds. */
  private get duration(): number {
    const { length } = this.leavers;
    return length <= AT_ONCE ? 0 : Math.min(length * TIME_EACH, SPREAD);
  }

  private get elapsed(): number {
    return this.beganAt === undefined ? 0 : this.clock.monotonic() - this.beganAt;
  }

  /**
   * Returns in how many milliseconds a client that leaves now should come back: after the server has ended, because a browser's
   * `EventSource` gives up when it is answered 503.
   */
  private comeBack(): number {
    const end = Math.max(this.duration - this.elapsed, 0);
    return Math.round(end + RETURN.least + Math.random() * Math.max(this.duration, RETURN.spread));
  }
}

/** Returns the elements in random order (Fisher–Yates). */
function shuffle<T>(elements: readonly T[]): T[] {
  const shuffled: T[] = [];
  for (const element of elements) {
    const place = Math.floor(Math.random() * (shuffled.length + 1));
    const displaced = shuffled[place];
    if (displaced !== undefined) shuffled.push(displaced);
    shuffled[place] = element;
  }
  return shuffled;
}
