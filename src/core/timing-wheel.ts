/** An entry that the wheel hands back when it is due. `slot` and `position` belong to the wheel. */
export interface WheelEntry {
  slot: number;
  position: number;
}

/** Not in a wheel. */
export const UNSCHEDULED = -1;

/** About to be handed out. */
const DUE = -2;

/**
 * A timing wheel (Varghese and Lauck, 1987) of one level: adding and removing take constant time, and a tick costs only what is due.
 * An entry beyond the wheel's reach comes back early, at the end of that reach. The caller checks
 * the real deadline and adds the entry again, so a deadline is extended by writing a field, without touching the wheel.
 */
export class TimingWheel<E extends WheelEntry> {
  private readonly slots: E[][];
  /** The next tick to be handed out. */
  private tick: number;

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
    const slot = Math.min(Math.max(due, this.tick), reach) % this.slots.length;
    const entries = this.slotAt(slot);
    entry.slot = slot;
    entry.position = entries.length;
    entries.push(entry);
  }

  remove(entry: E): void {
    if (entry.slot < 0) {
      entry.slot = UNSCHEDULED;
      return;
    }
    const entries = this.slotAt(entry.slot);
    const last = entries.pop();
    if (last !== undefined && last !== entry) {
      entries[entry.position] = last;
      last.position = entry.position;
    }
    entry.slot = UNSCHEDULED;
  }

  /** Removes all entries due at `now` and calls `due` with each. */
  advance(now: number, due: (entry: E) => void): void {
    const target = Math.floor(now / this.resolution);
    // After a long sleep one turn of the wheel reaches every slot; more turns would find them empty.
    if (target - this.tick >= this.slots.length) this.tick = target - this.slots.length + 1;
    while (this.tick <= target) {
      const slot = this.tick % this.slots.length;
      const entries = this.slotAt(slot);
      this.slots[slot] = [];
      this.tick++;
      for (const entry of entries) entry.slot = DUE;
      for (const entry of entries) {
        // The callback for an earlier entry may have removed this one.
        if (entry.slot !== DUE) continue;
        entry.slot = UNSCHEDULED;
        due(entry);
      }
    }
  }

  private slotAt(slot: number): E[] {
    const entries = this.slots[slot];
    if (entries === undefined) throw new RangeError(`no slot ${slot}`);
    return entries;
  }
}
