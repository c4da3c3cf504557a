import {
  MAX_CHANGES,
  STATUSES,
  type Status,
  type WirePerson,
  type WirePersonChange,
} from "../protocol/presence.ts";
import type { Subscriber } from "./subscriber.ts";

/** A person who is here: as what they are shown, and how many of their connections say what. */
interface Present {
  status: Status;
  readonly connections: Record<Status, number>;
}

type Shown = WirePersonChange["Status"];

/**
 * Those who listen to one stream and want to be seen. Connections of one name are one person, shown as the liveliest of
 * them. A change costs the same however many there are: of those that were not told yet {@link MAX_CHANGES} are kept, and
 * the rest only counted.
 */
export class People {
  private readonly shown = new Map<Subscriber, WirePerson>();
  /** By name, in the order in which they came. */
  private readonly present = new Map<string, Present>();
  /** What was last told of those who may have changed since. */
  private readonly told = new Map<string, Shown>();
  private further = 0;
  /** Somebody asked who is here, and knows what others were not told yet. */
  private asked = false;

  /** From now on a connection shows this person, or nobody. */
  show(subscriber: Subscriber, person?: WirePerson): void {
    const before = this.shown.get(subscriber);
    if (person === undefined) {
      this.shown.delete(subscriber);
    } else {
      this.shown.set(subscriber, person);
      // Before the other is taken away: whoever only changes was here all the time.
      this.count(person, 1);
    }
    if (before !== undefined) this.count(before, -1);
  }

  /** Who is here: the first `limit`, and how many more. */
  list(limit: number): { People: WirePerson[]; More: number } {
    this.asked ||= this.told.size > 0;
    const people: WirePerson[] = [];
    for (const [Name, { status }] of this.present) {
      if (people.length === limit) break;
      people.push({ Name, Status: status });
    }
    return { People: people, More: this.present.size - people.length };
  }

  /** Whether there is something to tell. */
  get changed(): boolean {
    return this.told.size + this.further > 0;
  }

  /**
   * What changed since this was last taken: how it is now, not how it came to be. Whoever came and left did not change,
   * unless {@link list} has told of them.
   */
  takeChanges(): { People?: WirePersonChange[]; More?: number } {
    const { told, further } = this;
    const people: WirePersonChange[] = [];
    for (const Name of told.keys()) {
      people.push({ Name, Status: this.present.get(Name)?.status ?? "offline" });
    }
    told.clear();
    this.further = 0;
    this.asked = false;
    return { ...(people.length > 0 && { People: people }), ...(further > 0 && { More: further }) };
  }

  private count({ Name, Status }: WirePerson, by: 1 | -1): void {
    const found = this.present.get(Name);
    const was = found?.status ?? "offline";
    const connections = found?.connections ?? { typing: 0, online: 0, away: 0 };
    connections[Status] += by;
    const status = STATUSES.find((each) => connections[each] > 0);
    if (status === undefined) this.present.delete(Name);
    else if (found === undefined) this.present.set(Name, { status, connections });
    else found.status = status;
    if (status !== was) this.note(Name, was, status ?? "offline");
  }

  private note(name: string, was: Shown, is: Shown): void {
    const told = this.told.get(name);
    if (told === undefined) {
      if (this.told.size < MAX_CHANGES) this.told.set(name, was);
      else this.further++;
    } else if (told === is && !this.asked) {
      this.told.delete(name);
    }
  }
}
