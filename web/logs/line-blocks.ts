import type { Entry } from "../state/entry.ts";

/** Entries that follow each other and are drawn together: those of another block stay as they are. */
export interface LineBlock {
  readonly key: number;
  readonly entries: readonly Entry[];
  /** What was before them in this block, until the log dropped it. */
  readonly dropped: readonly Entry[];
}

/** Entries of a full block: few enough to draw in a frame, enough that few blocks are compared. */
export const BLOCK_SIZE = 16;

/** Divides a log into blocks that stay the same objects while what they contain does, whatever is added at either end. */
export class LineBlocks {
  private blocks: readonly LineBlock[] = [];
  private entries: readonly Entry[] = [];
  /** The place of the first entry. Each entry keeps its own, which says in which block it is. */
  private first = 0;

  update(entries: readonly Entry[]): readonly LineBlock[] {
    this.first = this.firstPlaceOf(entries);
    this.entries = entries;
    const before = new Map(this.blocks.map((block) => [block.key, block]));
    const blocks: LineBlock[] = [];
    for (let start = 0, end = 0; start < entries.length; start = end) {
      const key = Math.floor((this.first + start) / BLOCK_SIZE);
      end = Math.min((key + 1) * BLOCK_SIZE - this.first, entries.length);
      const old = before.get(key);
      const isSame = old !== undefined && isPart(old.entries, entries, start, end);
      blocks.push(
        isSame ? old : { key, entries: entries.slice(start, end), dropped: droppedOf(old, entries[start]) },
      );
    }
    this.blocks = blocks;
    return blocks;
  }

  /** Entries that were added are before the first known one, or after the last; what was dropped was at an end, too. */
  private firstPlaceOf(entries: readonly Entry[]): number {
    const dropped = indexOf(this.entries, entries[0]);
    if (dropped !== -1) return this.first + dropped;
    const added = indexOf(entries, this.entries[0]);
    return added === -1 ? 0 : this.first - added;
  }
}

/** Only the first block has dropped entries; those that are loaded again are not. */
function droppedOf(old: LineBlock | undefined, first: Entry | undefined): readonly Entry[] {
  if (old === undefined) return [];
  const left = indexOf(old.entries, first);
  return left === -1 ? [] : [...old.dropped, ...old.entries.slice(0, left)];
}

function indexOf(entries: readonly Entry[], wanted: Entry | undefined): number {
  return entries.findIndex(({ key }) => key === wanted?.key);
}

/** Reports whether `part` is what `entries` has from `start` to `end`. Compares objects: a thousand are no work. */
function isPart(part: readonly Entry[], entries: readonly Entry[], start: number, end: number): boolean {
  if (part.length !== end - start) return false;
  return part.every((entry, i) => entry === entries[start + i]);
}
