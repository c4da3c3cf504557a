import { insert, remove, type Positioned } from "./positions.ts";

/** An entry that the wheel hands back when it is due. `slot` and `position` belong to the wheel. */
export interface WheelEntry extends Positioned {
  slot: number;
}

/** Not in a wheel. */
export const UNSCHEDULED = -1;

/** A slot is copied when it has shrunk to a power of 2 that is at least this: an array keeps the memory of its greatest length. */
const SHRINK = 32;

/**
 * A timing wheel (Varghese and Lauck, 1987) of one level: adding and removing take constant time, and a tick costs only what is due.
 * An entry beyond the wheel's reach comes back early, at the end of that reach. The caller checks
 * the real deadline and adds the entry again, so a deadline is extended by writing a field, without touching the wheel.
 */
export class TimingWheel<E extends WheelEntry> {
  private readonly slots: E[][];
  /** The next tick to hand out, or the one handed out in part. */
  private tick: number;
  /** Whether entries are being handed out. Those added meanwhile go to a later tick. */
  private advancing = false;

  private readonly resolution: number;

  /** A wheel of `size` slots, each `resolution` milliseconds wide, that begins at `now`. */
  constructor(resolution: number, size: number, now: number) {
    this.resolution = resolution;
    this.slots = Array.from({ length: size }, () => []);
    this.tick = Math.floor(now / resolution);
  }

  /** Adds an entry, to be handed back once `deadline` has passed, or earlier if that is beyond the wheel's reach. */
  add(entry: E, deadline: number): void {
    const due = Math.ceil(deadline / this.resolution);
    const reach = this.tick + this.slots.length - 1;
    const earliest = this.advancing ? this.tick + 1 : this.tick;
    const slot = Math.min(Math.max(due, earliest), reach) % this.slots.length;
    entry.slot = slot;
    insert(this.slotAt(slot), entry);
  }

  remove(entry: E): void {
    if (entry.slot === UNSCHEDULED) return;
    const entries = this.slotAt(entry.slot);
    remove(entries, entry);
    if (entries.length >= SHRINK && (entries.length & (entries.length - 1)) === 0)
      this.slots[entry.slot] = entries.slice();
    entry.slot = UNSCHEDULED;
  }

  /**
   * Removes entries due at `now` and calls `due` with each, `limit` at most. Returns whether there may be more: then the rest
   * is handed out by the next call.
   */
  advance(now: number, due: (entry: E) => void, limit = Infinity): boolean {
    const target = Math.floor(now / this.resolution);
    // After a long sleep one turn of the wheel reaches every slot; more turns would find them empty.
    if (target - this.tick >= this.slots.length) this.tick = target - this.slots.length + 1;
    this.advancing = true;
    try {
      for (let left = limit; this.tick <= target; this.tick++) {
        const slot = this.tick % this.slots.length;
        // The callback may replace the slot's array, by removing other entries.
        for (let entry = this.slotAt(slot).pop(); entry !== undefined; entry = this.slotAt(slot).pop()) {
          entry.slot = UNSCHEDULED;
          due(entry);
          if (--left <= 0) return true;
        }
        this.slots[slot] = [];
      }
    } finally {
      this.advancing = false;
    }
    return false;
  }

  private slotAt(slot: number): E[] {
    const entries = this.slots[slot];
    if (entries === undefined) throw new RangeError(`no slot ${slot}`);
    return entries;
  }
}
