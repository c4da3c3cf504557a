import { backoff } from "./backoff.ts";
import type { Person, PersonChange, PresenceEvent } from "./stream-event.ts";

/** The listeners of a stream. */
export interface Presence {
  /** Number of listeners, named or anonymous. */
  readonly observers: number;
  /** The named listeners, in order of arrival. */
  readonly people: readonly Person[];
  /** How many more named listeners there are. */
  readonly more: number;
  /** Nanoseconds since 1970: presence events with a greater `created` are changes since. */
  readonly created: string;
}

/** Keeps the presence list of one stream up to date, from the server's list and later events. */
export class PresenceTracker {
  /** Undefined until the list is fetched, and while it is fetched again. */
  #presence: Presence | undefined;
  /** Events that the list being fetched may not include. */
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

  /** The newest list, once fetched. */
  get presence(): Presence | undefined {
    return this.#presence;
  }

  /** Fetches the list again, because events may have been missed. */
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
      this.#tell({ ...this.#presence, created, observers, people });
      if (more > 0) this.refresh();
    }
  }

  /** Stops tracking until the next {@link refresh}. */
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
  const byName = new Map([...people, ...changes].map((person) => [person.name, person]));
  return [...byName.values()].filter((person): person is Person => person.status !== "offline");
}
