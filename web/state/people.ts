import { computed, signal } from "@preact/signals";
import type { Person, PersonChange, Stream } from "../../src/client/index.ts";

/** Who listens to a stream. */
export class People {
  readonly observers = signal(0);
  readonly known = signal<readonly Person[]>([]);
  /** How many more have a name than are known. */
  readonly more = signal(0);
  readonly typing = computed(() => this.known.value.filter(({ status }) => status === "typing"));
  private readonly stream: Stream;
  private readonly signal: AbortSignal;

  constructor(stream: Stream, abort: AbortSignal) {
    this.stream = stream;
    this.signal = abort;
  }

  /** Asks who is here. Where that fails, the next change tells at least how many are. */
  async load(): Promise<void> {
    try {
      const { observers, people, more } = await this.stream.presence(this.signal);
      this.observers.value = observers;
      this.known.value = people;
      this.more.value = more;
    } catch {
      // Listening says what is wrong with the connection.
    }
  }

  change(observers: number, changes: readonly PersonChange[], more: number): void {
    this.observers.value = observers;
    if (more > 0) void this.load();
    if (changes.length === 0) return;
    const people = new Map(this.known.peek().map((person) => [person.name, person]));
    for (const { name, status } of changes) {
      if (status === "offline") people.delete(name);
      else people.set(name, { name, status });
    }
    this.known.value = [...people.values()];
  }
}
