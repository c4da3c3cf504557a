import {
  MAX_CHANGES,
  MAX_NAMES,
  STATUSES,
  type Status,
  type WirePerson,
  type WirePersonChange,
} from "../protocol/presence.ts";
import { copyString } from "./copy-string.ts";

/** A person who is present: the status shown, and the number of connections with each status. */
interface PresentPerson {
  status: Status;
  readonly connections: Record<Status, number>;
}

type Shown = WirePersonChange["Status"];

/**
 * The named listeners of one stream. Connections with the same name are one person, shown with the most active status. A change
 * takes constant time: up to {@link MAX_CHANGES} unannounced changes are kept, further ones are only counted. Both the list and the
 * changes have a limited size as well, see {@link MAX_NAMES}.
 */
export class PresenceList {
  private readonly shown = new Map<object, WirePerson>();
  /** By name, in order of arrival. */
  private readonly present = new Map<string, PresentPerson>();
  /** The last announced status of each person who may have changed since. */
  private readonly announced = new Map<string, Shown>();
  /** The length of the names in `announced`, in UTF-16 code units. */
  private announcedLength = 0;
  private further = 0;
  /** Whether a client has fetched the list since, and so knows unannounced changes. */
  private fetched = false;

  /** Sets the person shown for a connection; undefined removes it. */
  set(listener: object, person?: WirePerson): void {
    const before = this.shown.get(listener);
    if (person === undefined) {
      this.shown.delete(listener);
    } else {
      const kept = { ...person, Name: copyString(person.Name) };
      this.shown.set(listener, kept);
      // Count the new status before the old one is removed: a person who only changes status does not leave.
      this.count(kept, 1);
    }
    if (before !== undefined) this.count(before, -1);
  }

  /** Returns the first `limit` people, and how many more there are. */
  list(limit: number): { People: WirePerson[]; More: number } {
    this.fetched ||= this.announced.size > 0;
    const people: WirePerson[] = [];
    let left = MAX_NAMES.list;
    for (const [Name, { status }] of this.present) {
      left -= Name.length;
      if (people.length === limit || left < 0) break;
      people.push({ Name, Status: status });
    }
    return { People: people, More: this.present.size - people.length };
  }

  /** Whether there are changes to announce. */
  get changed(): boolean {
    return this.announced.size + this.further > 0;
  }

  /**
   * Returns the changes since the last call, as the current status of each person. A person who joined and left in between is
   * omitted, unless {@link list} may have returned them.
   */
  takeChanges(): { People?: WirePersonChange[]; More?: number } {
    const { announced, further } = this;
    const people: WirePersonChange[] = [];
    for (const Name of announced.keys()) {
      people.push({ Name, Status: this.present.get(Name)?.status ?? "offline" });
    }
    announced.clear();
    this.announcedLength = 0;
    this.further = 0;
    this.fetched = false;
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
    const announced = this.announced.get(name);
    if (announced === undefined) {
      if (!this.hasRoomFor(name)) {
        this.further++;
        return;
      }
      this.announced.set(name, was);
      this.announcedLength += name.length;
    } else if (announced === is && !this.fetched) {
      this.announced.delete(name);
      this.announcedLength -= name.length;
    }
  }

  private hasRoomFor(name: string): boolean {
    return this.announced.size < MAX_CHANGES && this.announcedLength + name.length <= MAX_NAMES.event;
  }
}
