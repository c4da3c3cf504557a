import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Entry, MessageEntry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { isSuccessor, nextContent, type Content } from "./content.ts";
import { FrameQueue } from "./frame-queue.ts";
import { isEmpty, isSame, parseFilter, passes, type LineFilter } from "./filter.ts";
import { lineOf } from "./line.ts";
import { BLOCK_SIZE, LineBlocks, type LineBlock } from "./line-blocks.ts";

/** Whether times are shown. The same for all streams of this tab, until it is closed. */
const times = signal(false);

/** Blocks whose lines are changed in one frame, at most. */
const MAX_AT_ONCE = 4;

/** What a filter lets through of a block. */
interface Passed {
  readonly filter: LineFilter;
  /** Messages. */
  readonly hits: number;
  /** How many lines it has at least, with those of what was dropped. */
  readonly height: number;
}

/** What the view of a log shows: which lines, and how. It changes a little in each frame, see {@link FrameQueue}. */
export class LogLines {
  readonly times = times;
  /** What was typed into the filter. */
  readonly query = signal("");
  /** The same object while it lets the same lines through, whatever else is typed. */
  readonly filter = signal<LineFilter>(parseFilter(""));
  readonly isFiltered = computed(() => !isEmpty(this.filter.value));
  /** Records that are shown as a tree, by their keys. */
  readonly expanded = signal<ReadonlySet<string>>(new Set());
  /** The lines as they were when the user paused. */
  readonly frozen = signal<readonly Entry[] | undefined>();
  /** Lines that came since then. */
  readonly came = signal(0);
  /** The key of the line that the user went to last. */
  visited: string | undefined;
  readonly entries = computed(() => this.frozen.value ?? this.content.value.entries);
  readonly pending = computed(() => this.content.value.pending);
  readonly messages = computed(() => this.entries.value.filter((entry) => entry.kind === "message"));
  private readonly grouping = new LineBlocks();
  readonly blocks = computed(() => this.grouping.update(this.entries.value));
  /** How many messages pass the filter. */
  readonly hitCount = computed(() => {
    const filter = this.filter.value;
    return this.blocks.value.reduce((sum, block) => sum + this.passed(block, filter).hits, 0);
  });
  readonly frames = new FrameQueue();
  /** Another object when most lines are others: they are drawn from the end, some in each frame. */
  readonly drawing = signal({});
  private readonly content: Signal<Content>;
  private readonly arriving: ReadonlySignal<Content>;
  private readonly stopWatching: () => void;
  private stopCounting: (() => void) | undefined;
  private readonly known = new WeakMap<LineBlock, Passed>();

  constructor({ log, outgoing }: StreamSession) {
    this.arriving = computed(() => ({ entries: log.entries.value, pending: outgoing.pending.value }));
    this.content = signal(this.arriving.peek());
    const stopArrivals = effect(() => {
      if (this.arriving.value !== this.content.peek()) this.frames.add("content", () => this.takeContent());
    });
    const stopTyping = effect(() => {
      const typed = parseFilter(this.query.value);
      this.frames.add("filter", () => {
        if (!isSame(typed, this.filter.peek())) this.filter.value = typed;
      });
    });
    this.stopWatching = () => {
      stopArrivals();
      stopTyping();
    };
  }

  close(): void {
    this.stopWatching();
    this.frames.close();
    this.resume();
  }

  /** The messages that pass the filter. */
  hits(): readonly MessageEntry[] {
    const filter = this.filter.peek();
    return this.messages.peek().filter((entry) => isHit(entry, filter));
  }

  /** Asks each block once: a filter is typed while lines come, and only some blocks change. */
  passed(block: LineBlock, filter: LineFilter): Passed {
    const before = this.known.get(block);
    if (before?.filter === filter) return before;
    const hits = block.entries.filter((entry) => entry.kind === "message" && isHit(entry, filter)).length;
    let height = 0;
    for (const entry of [...block.dropped, ...block.entries]) height += heightOf(entry, filter);
    const found = { filter, hits, height };
    this.known.set(block, found);
    return found;
  }

  /** How many blocks, from the end, have so many lines that are shown. Not many more than a frame has time for. */
  blocksOf(height: number): number {
    const filter = this.filter.value;
    const blocks = this.blocks.value;
    let left = height;
    let count = 0;
    while (left > 0 && count < MAX_AT_ONCE) {
      const block = blocks[blocks.length - 1 - count];
      if (block === undefined) break;
      left -= this.passed(block, filter).height;
      count++;
    }
    return count;
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
    batch(() => {
      if (this.came.peek() > BLOCK_SIZE) this.drawing.value = {};
      this.frozen.value = undefined;
      this.came.value = 0;
    });
  }

  /** Shows some of what came, and the rest in other frames. */
  private takeContent(): void {
    const [before, arriving] = [this.content.peek(), this.arriving.peek()];
    const next = nextContent(before, arriving);
    batch(() => {
      if (!isSuccessor(before, next)) this.drawing.value = {};
      this.content.value = next;
    });
    if (next !== arriving) this.frames.add("content", () => this.takeContent());
  }

  private pause(): void {
    this.frozen.value = this.entries.peek();
    let last = this.frozen.peek()?.at(-1)?.key;
    this.stopCounting = effect(() => {
      const fresh = entriesAfter(this.arriving.value.entries, last);
      last = fresh.at(-1)?.key ?? last;
      this.came.value = this.came.peek() + fresh.filter(({ kind }) => kind === "message").length;
    });
  }
}

/** Reports whether the filter lets a message through. */
export function isHit(entry: MessageEntry, filter: LineFilter): boolean {
  return isEmpty(filter) || passes(filter, lineOf(entry).searched);
}

/** How many lines an entry has at least; none if it is not shown. */
function heightOf(entry: Entry, filter: LineFilter): number {
  if (entry.kind !== "message") return 1;
  return isHit(entry, filter) ? lineOf(entry).height : 0;
}

/** The entries after the one with this key; all if it is not there any more. */
export function entriesAfter(entries: readonly Entry[], key: string | undefined): readonly Entry[] {
  return entries.slice(entries.findLastIndex((entry) => entry.key === key) + 1);
}
