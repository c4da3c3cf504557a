import { batch, computed, signal } from "@preact/signals";
import type { Person, Presence } from "../../src/client/index.ts";

/** Who listens to a stream. */
export class PresenceList {
  readonly observers = signal(0);
  readonly known = signal<readonly Person[]>([]);
  /** How many more people have a name. */
  readonly more = signal(0);
  readonly typing = computed(() => this.known.value.filter(({ status }) => status === "typing"));

  update({ observers, people, more }: Presence): void {
    batch(() => {
      this.observers.value = observers;
      this.known.value = people;
      this.more.value = more;
    });
  }
}

/** The user first, then those who are here, then those who are away, each by name. Nobody moves by typing. */
export function inOrder(people: readonly Person[], own: string): Person[] {
  const rank = ({ name, status }: Person): number => (name === own ? 0 : status === "away" ? 2 : 1);
  return people.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
