import { batch, computed, signal } from "@preact/signals";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import type { Entry, MessageEntry } from "./entry.ts";

/** How long entries gather until they are shown together, in milliseconds: a busy stream is drawn now and then, not for each message. */
const GATHER = 40;

/** The lines of a stream that are shown, in order; as many as a stream keeps. */
export class Log {
  readonly entries = signal<readonly Entry[]>([]);
  /** Messages that came while nobody saw the end of the log. */
  readonly unread = signal(0);
  /** The end of the log is in view. */
  readonly atEnd = signal(true);
  readonly newest = computed(() => this.entries.value.findLast(({ kind }) => kind === "message"));
  private waiting: Entry[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ids = new Set<string>();
  private readonly adopt: (message: MessageEntry) => MessageEntry;
  private readonly shown: (messages: readonly MessageEntry[]) => void;

  /**
   * `adopt` answers what a message is shown as, in the moment in which it is: it may be one's own, which is no longer on its way
   * then. `shown` is told of messages of others.
   */
  constructor(
    adopt: (message: MessageEntry) => MessageEntry,
    shown: (messages: readonly MessageEntry[]) => void,
  ) {
    this.adopt = adopt;
    this.shown = shown;
  }

  /** Whether the message is shown. */
  has(id: string): boolean {
    return this.ids.has(id) && !this.waiting.some((entry) => entry.kind === "message" && entry.id === id);
  }

  /** Shows a message as one's own, and returns whether it is shown at all. */
  markOwn(id: string): boolean {
    if (!this.has(id)) return false;
    this.entries.value = this.entries
      .peek()
      .map((entry) => (entry.kind === "message" && entry.id === id ? { ...entry, mine: true } : entry));
    return true;
  }

  /** Adds at the end, in a moment. What is there already is not added again. */
  append(entry: Entry): void {
    if (entry.kind === "message") {
      if (this.ids.has(entry.id)) return;
      this.ids.add(entry.id);
    }
    this.waiting.push(entry);
    this.timer ??= setTimeout(() => this.flush(), GATHER);
  }

  /** Adds before all others. */
  prepend(entries: readonly Entry[]): void {
    const fresh = entries.filter((entry) => entry.kind !== "message" || !this.ids.has(entry.id));
    for (const entry of fresh) if (entry.kind === "message") this.ids.add(entry.id);
    this.entries.value = [...fresh, ...this.entries.peek()];
  }

  /** The end of the log came into view, or left it. */
  setAtEnd(atEnd: boolean): void {
    this.atEnd.value = atEnd;
    if (atEnd && !document.hidden) this.unread.value = 0;
  }

  /** Shows what has gathered. */
  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    const others: MessageEntry[] = [];
    batch(() => {
      const added = waiting.map((entry) => (entry.kind === "message" ? this.adopt(entry) : entry));
      for (const entry of added) if (entry.kind === "message" && !entry.mine) others.push(entry);
      const entries = [...this.entries.peek(), ...added];
      // Like the stream itself: the oldest go.
      for (const entry of entries.splice(0, entries.length - MAX_MESSAGES)) {
        if (entry.kind === "message") this.ids.delete(entry.id);
      }
      this.entries.value = entries;
      if (document.hidden || !this.atEnd.peek()) this.unread.value += others.length;
    });
    if (others.length > 0) this.shown(others);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
