import { Inbox } from "./inbox.ts";

/** Events held for a listener that reads none. Further ones are dropped. */
const CAPACITY = 1024;

/** Tells events to everyone who listens. */
export class Announcer<T> {
  readonly #inboxes = new Set<Inbox<T>>();
  #isFinished = false;

  /** How many listen. */
  get size(): number {
    return this.#inboxes.size;
  }

  /** Iterates over the events from now on. */
  listen(): AsyncIterableIterator<T, undefined> {
    const inbox = new Inbox<T>(
      () => {},
      () => {},
    );
    if (this.#isFinished) inbox.finish();
    else this.#inboxes.add(inbox);
    return this.#iterate(inbox);
  }

  async *#iterate(inbox: Inbox<T>): AsyncGenerator<T, undefined> {
    try {
      return yield* inbox.iterate();
    } finally {
      this.#inboxes.delete(inbox);
    }
  }

  tell(event: T): void {
    for (const inbox of this.#inboxes) if (inbox.size < CAPACITY) inbox.push(event);
  }

  /** Ends all iterations after what was told. */
  finish(): void {
    this.#isFinished = true;
    for (const inbox of this.#inboxes) inbox.finish();
    this.#inboxes.clear();
  }
}
