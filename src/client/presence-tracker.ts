import { backoff } from "./backoff.ts";
import type { Person, PersonChange, PresenceEvent } from "./stream-event.ts";

/** Who listens to a stream. */
export interface Presence {
  /** How many listen, by name or not. */
  readonly observers: number;
  /** Those with a name, in order of arrival. */
  readonly people: readonly Person[];
  /** How many more have a name. */
  readonly more: number;
  /** Nanoseconds since 1970: presence events with a greater `created` say what changed since. */
  readonly created: string;
}

/** Keeps the presence list of one stream up to date, from the server's list and the events that are later. */
export class PresenceTracker {
  /** Undefined until the list is there, and while it has to be fetched again. */
  #presence: Presence | undefined;
  /** Events that the list on its way may not include. */
  #later: PresenceEvent[] = [];
  #fetch: AbortController | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  readonly #fetchPresence: (signal: AbortSignal) => Promise<Presence>;
  readonly #changed: (presence: Presence) => void;

  constructor(fetchList: (signal: AbortSignal) => Promise<Presence>, changed: (presence: Presence) => void) {
    this.#fetchPresence = fetchList;
    this.#changed = changed;
  }

  /** The newest list, once there is one. */
  get presence(): Presence | undefined {
    return this.#presence;
  }

  /** Fetches the list again: events were missed, or may have been. */
  refresh(): void {
    this.stop();
    this.#presence = undefined;
    this.#fetch = new AbortController();
    const { signal } = this.#fetch;
    this.#fetchPresence(signal).then(
      (presence) => {
        if (signal.aborted) return;
        this.#failures = 0;
        this.#tell(presence);
        for (const event of this.#later.splice(0)) this.take(event);
      },
      () => {
        if (signal.aborted) return;
        this.#retry = setTimeout(() => this.refresh(), backoff(this.#failures++));
      },
    );
  }

  take(event: PresenceEvent): void {
    const { created, observers, more } = event;
    if (!this.#presence) this.#later.push(event);
    // Nanoseconds have 19 digits until the year 2286.
    else if (created > this.#presence.created) {
      const people = changePeople(this.#presence.people, event.people);
      this.#tell({ created, observers, people, more: this.#presence.more });
      if (more > 0) this.refresh();
    }
  }

  /** Follows no longer, until the next {@link refresh}. */
  stop(): void {
    this.#fetch?.abort();
    clearTimeout(this.#retry);
    this.#later = [];
  }

  #tell(presence: Presence): void {
    this.#presence = presence;
    this.#changed(presence);
  }
}

function changePeople(people: readonly Person[], changes: readonly PersonChange[]): Person[] {
  const byName = new Map(people.map((person) => [person.name, person]));
  for (const { name, status } of changes) {
    if (status === "offline") byName.delete(name);
    else byName.set(name, { name, status });
  }
  return Array.from(byName.values());
}
