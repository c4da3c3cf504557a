import { batch, computed, signal } from "@preact/signals";
import type { Person, PersonChange, ClientStream } from "../../src/client/index.ts";

/** Who listens to a stream. */
export class PresenceList {
  readonly observers = signal(0);
  readonly known = signal<readonly Person[]>([]);
  /** The number of people with a name that are not in the list. */
  readonly more = signal(0);
  readonly typing = computed(() => this.known.value.filter(({ status }) => status === "typing"));
  private readonly stream: ClientStream;
  private readonly signal: AbortSignal;
  /** Changes since the oldest pending snapshot was requested: the snapshot may be older than they are. */
  private since: PersonChange[] = [];
  private loading = 0;

  constructor(stream: ClientStream, abort: AbortSignal) {
    this.stream = stream;
    this.signal = abort;
  }

  /** Requests a snapshot. If that fails, the next event has at least the number of listeners. */
  async load(): Promise<void> {
    this.loading++;
    try {
      const { observers, people, more } = await this.stream.presence(this.signal);
      batch(() => {
        this.observers.value = observers;
        this.known.value = people;
        this.more.value = more;
        this.apply(this.since);
      });
    } catch {
      // The state of the connection shows why.
    }
    this.loading--;
    if (this.loading === 0) this.since = [];
  }

  change(observers: number, changes: readonly PersonChange[], more: number): void {
    this.observers.value = observers;
    if (more > 0) void this.load();
    if (this.loading > 0) this.since.push(...changes);
    this.apply(changes);
  }

  private apply(changes: readonly PersonChange[]): void {
    if (changes.length === 0) return;
    const people = new Map(this.known.peek().map((person) => [person.name, person]));
    for (const { name, status } of changes) {
      if (status === "offline") people.delete(name);
      else people.set(name, { name, status });
    }
    this.known.value = [...people.values()];
  }
}
