import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import type { Entry, MessageEntry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { isEmpty, parseFilter, passes, type LineFilter } from "./filter.ts";
import { lineOf } from "./line.ts";
import { LineBlocks } from "./line-blocks.ts";

/** Whether times are shown. The same for all streams of this tab, until it is closed. */
const times = signal(false);

/** What the view of a log shows: which lines, and how. */
export class LogLines {
  readonly times = times;
  /** What was typed into the filter. */
  readonly query = signal("");
  readonly filter = computed(() => parseFilter(this.query.value));
  readonly isFiltered = computed(() => !isEmpty(this.filter.value));
  /** Records that are shown as a tree, by their keys. */
  readonly expanded = signal<ReadonlySet<string>>(new Set());
  /** The lines as they were when the user paused. */
  readonly frozen = signal<readonly Entry[] | undefined>();
  /** Lines that came since then. */
  readonly came = signal(0);
  /** The key of the line that the user went to last. */
  visited: string | undefined;
  readonly entries: ReadonlySignal<readonly Entry[]>;
  readonly messages = computed(() => this.entries.value.filter((entry) => entry.kind === "message"));
  /** The messages that pass the filter. */
  readonly hits = computed(() => {
    const filter = this.filter.value;
    return this.messages.value.filter((entry) => this.isHit(entry, filter));
  });
  private readonly grouping = new LineBlocks();
  readonly blocks = computed(() => this.grouping.update(this.entries.value));
  private readonly arriving: ReadonlySignal<readonly Entry[]>;
  private stopCounting: (() => void) | undefined;
  /** Which messages pass the filter that was used last. */
  private known = new WeakMap<MessageEntry, boolean>();
  private knownFor: LineFilter | undefined;

  constructor({ log }: StreamSession) {
    this.arriving = log.entries;
    this.entries = computed(() => this.frozen.value ?? log.entries.value);
  }

  isHit(entry: MessageEntry, filter: LineFilter): boolean {
    if (isEmpty(filter)) return true;
    if (filter !== this.knownFor) {
      this.knownFor = filter;
      this.known = new WeakMap();
    }
    const before = this.known.get(entry);
    if (before !== undefined) return before;
    const found = passes(filter, lineOf(entry).searched);
    this.known.set(entry, found);
    return found;
  }

  /** How many lines an entry has at least; none if it is not shown. */
  heightOf(entry: Entry, filter: LineFilter): number {
    if (entry.kind !== "message") return 1;
    return this.isHit(entry, filter) ? lineOf(entry).height : 0;
  }

  toggleExpanded(key: string): void {
    const expanded = new Set(this.expanded.peek());
    if (!expanded.delete(key)) expanded.add(key);
    this.expanded.value = expanded;
  }

  togglePause(): void {
    if (this.frozen.peek() === undefined) this.pause();
    else this.resume();
  }

  resume(): void {
    this.stopCounting?.();
    this.stopCounting = undefined;
    this.frozen.value = undefined;
    this.came.value = 0;
  }

  private pause(): void {
    this.frozen.value = this.arriving.peek();
    let last = this.frozen.peek()?.at(-1)?.key;
    this.stopCounting = effect(() => {
      const fresh = entriesAfter(this.arriving.value, last);
      last = fresh.at(-1)?.key ?? last;
      this.came.value = this.came.peek() + fresh.filter(({ kind }) => kind === "message").length;
    });
  }
}

/** The entries after the one with this key; all if it is not there any more. */
export function entriesAfter(entries: readonly Entry[], key: string | undefined): readonly Entry[] {
  return entries.slice(entries.findLastIndex((entry) => entry.key === key) + 1);
}
