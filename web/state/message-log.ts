import { batch, computed, signal } from "@preact/signals";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import type { Entry, MessageEntry } from "./entry.ts";

/** How long entries are collected before they are rendered together, in milliseconds: a busy stream is not rendered for each message. */
const BATCH_TIME = 40;

/** The entries of a stream in order, at most as many as a stream keeps. */
export class MessageLog {
  readonly entries = signal<readonly Entry[]>([]);
  /** Messages that arrived while the end of the log was not visible. */
  readonly unread = signal(0);
  /** Whether the end of the log is visible. */
  readonly atEnd = signal(true);
  /** The key of the first message that was unread when the user came back, until they write. */
  readonly firstUnread = signal<string | undefined>();
  /** Whether older entries were dropped for newer ones. */
  readonly isTrimmed = signal(false);
  readonly newest = computed(() => this.entries.value.findLast(({ kind }) => kind === "message"));
  private waiting: Entry[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ids = new Set<string>();
  private readonly toShown: (message: MessageEntry) => MessageEntry;
  private readonly onShown: (messages: readonly MessageEntry[]) => void;

  /**
   * `toShown` returns the entry to show for a message. Called just before it is shown: the user's own message stops being pending then.
   * `onShown` is called with messages from others once they are shown.
   */
  constructor(
    toShown: (message: MessageEntry) => MessageEntry,
    onShown: (messages: readonly MessageEntry[]) => void,
  ) {
    this.toShown = toShown;
    this.onShown = onShown;
  }

  /** Shows a message as the user's own. Returns false if it is not shown. */
  markOwn(id: string): boolean {
    const entries = this.entries.peek();
    const index = entries.findLastIndex((entry) => entry.kind === "message" && entry.id === id);
    const found = entries[index];
    if (found?.kind !== "message") return false;
    this.entries.value = entries.with(index, { ...found, own: true });
    return true;
  }

  /** Appends an entry with the next batch. Messages already in the log are ignored. */
  append(entry: Entry): void {
    if (entry.kind === "message") {
      if (this.ids.has(entry.id)) return;
      this.ids.add(entry.id);
    }
    this.waiting.push(entry);
    this.timer ??= setTimeout(() => this.flush(), BATCH_TIME);
  }

  /** Inserts entries before all others. */
  prepend(entries: readonly Entry[]): void {
    const fresh = entries.filter((entry) => entry.kind !== "message" || !this.ids.has(entry.id));
    for (const entry of fresh) if (entry.kind === "message") this.ids.add(entry.id);
    this.entries.value = [...fresh, ...this.entries.peek()];
  }

  /** Called when the user goes to the first unread message. */
  setRead(): void {
    this.unread.value = 0;
  }

  /** Called when the end of the log becomes visible or hidden. */
  setAtEnd(atEnd: boolean): void {
    this.atEnd.value = atEnd;
    if (atEnd && !document.hidden) this.unread.value = 0;
  }

  /** Shows the collected entries. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    const others: MessageEntry[] = [];
    batch(() => {
      const added = waiting.map((entry) => (entry.kind === "message" ? this.toShown(entry) : entry));
      for (const entry of added) if (entry.kind === "message" && !entry.own) others.push(entry);
      const entries = [...this.entries.peek(), ...added];
      // The oldest are dropped, as in the stream itself.
      for (const entry of entries.splice(0, entries.length - MAX_MESSAGES)) {
        if (entry.kind !== "message") continue;
        this.ids.delete(entry.id);
        this.isTrimmed.value = true;
      }
      this.entries.value = entries;
      const [first] = others;
      if (document.hidden || !this.atEnd.peek()) {
        if (this.unread.peek() === 0 && first !== undefined) this.firstUnread.value = first.key;
        this.unread.value += others.length;
      } else if (others.length < added.length) this.firstUnread.value = undefined;
    });
    if (others.length > 0) this.onShown(others);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
