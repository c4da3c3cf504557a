import type { Entry } from "../state/entry.ts";

/** Entries that follow each other and are drawn together: those of another block stay as they are. */
export interface LineBlock {
  readonly key: number;
  readonly entries: readonly Entry[];
}

/** Entries of a full block: few enough to draw in a frame, enough that few blocks are compared. */
export const BLOCK_SIZE = 16;

/** Divides a log into blocks that stay the same objects while what they contain does, whatever is added at either end. */
export class LineBlocks {
  private blocks: readonly LineBlock[] = [];
  /** The place of each entry by its key: entries of the same block stay together. */
  private places: ReadonlyMap<string, number> = new Map();

  update(entries: readonly Entry[]): readonly LineBlock[] {
    this.places = this.placesOf(entries);
    const before = new Map(this.blocks.map((block) => [block.key, block]));
    const grouped = Map.groupBy(entries, ({ key }) => Math.floor((this.places.get(key) ?? 0) / BLOCK_SIZE));
    this.blocks = Array.from(grouped, ([key, group]) => {
      const old = before.get(key);
      const isSame =
        old?.entries.length === group.length && group.every((entry, i) => entry === old.entries[i]);
      return isSame ? old : { key, entries: group };
    });
    return this.blocks;
  }

  /** New entries get the places before the first known one, or after the last. */
  private placesOf(entries: readonly Entry[]): Map<string, number> {
    const known = entries.findIndex(({ key }) => this.places.has(key));
    const first = known === -1 ? 0 : (this.places.get(entries[known]?.key ?? "") ?? 0) - known;
    const places = new Map<string, number>();
    let next = first;
    for (const { key } of entries) {
      next = Math.max(next, this.places.get(key) ?? next);
      places.set(key, next);
      next++;
    }
    return places;
  }
}
