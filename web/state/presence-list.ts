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
