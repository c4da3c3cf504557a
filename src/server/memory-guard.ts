import type { Clock } from "../core/clock.ts";
import type { Counters } from "../core/counters.ts";

const MEGABYTE = 1024 * 1024;

/** The least garbage worth a collection, in bytes: with less, most memory is in use and collecting would only take time. */
const STEP = 16 * MEGABYTE;

/** A process that has more than the limit times this, and {@link BASE}, collects. */
const SHARE = 1.125;

/** Memory of a server without streams, in bytes: about 60 MB, and what requests leave for the collector. */
const BASE = 80 * MEGABYTE;

/** A collection is followed by a pause of this multiple of its duration, in which requests are handled: it takes a fifth of the time. */
const PAUSE = 4;

/** Requests that make this much garbage are followed by a check at once, in bytes. */
const CHECKED_GARBAGE = 8 * MEGABYTE;

/** Milliseconds between checks, and close to the bound, where requests can make 50 MB of garbage in 50 ms. */
const INTERVAL = { usual: 50, close: 10 };

/** The memory of a process. All in bytes. */
export interface ProcessMemory {
  /** `--max-memory`. */
  readonly limit: number;
  /** Resident memory of the process. @throws SystemError while the process has no free descriptor */
  resident(): number;
  /** Memory charged for streams. */
  used(): number;
  /** Collects garbage and returns freed memory to the system. */
  collect(): void;
  /** Milliseconds. */
  monotonic(): number;
}

/**
 * Makes the runtime return memory in time. On its own it lets garbage grow to several times the memory in use and keeps what
 * deleted streams leave, because it does not know about `--max-memory`. The guard collects garbage when the process comes close to
 * its bound, and after much was deleted.
 */
export class MemoryGuard {
  /** Resident memory after the last collection, or less if it fell since. */
  private floor = 0;
  private mostUsed = 0;
  /** Resident memory when it could be read last. */
  private lastResident = 0;
  /** The earliest time of the next collection, on the monotonic clock. */
  private next = 0;
  /** Garbage made since the last check. */
  private garbage = 0;

  private readonly memory: ProcessMemory;

  constructor(memory: ProcessMemory) {
    this.memory = memory;
  }

  /** Counts garbage that a request makes, in bytes: a few such requests make as much as others do in a second. */
  made(bytes: number): void {
    this.garbage += bytes;
    if (this.garbage > CHECKED_GARBAGE) this.check();
  }

  /** Collects if needed. Returns in how many milliseconds it is to be called again. */
  check(): number {
    const { memory } = this;
    this.garbage = 0;
    const resident = this.resident();
    const used = memory.used();
    this.floor = Math.min(this.floor, resident);
    this.mostUsed = Math.max(this.mostUsed, used);
    const isClose = resident > memory.limit * SHARE + BASE;
    const isHigh = isClose && resident > this.floor + STEP;
    const isFreed = used < this.mostUsed - Math.max(STEP, memory.limit / 8);
    const start = memory.monotonic();
    if (start < this.next || !(isHigh || isFreed)) return isClose ? INTERVAL.close : INTERVAL.usual;
    memory.collect();
    this.floor = this.resident();
    this.mostUsed = used;
    const end = memory.monotonic();
    this.next = end + PAUSE * (end - start);
    return INTERVAL.close;
  }

  private resident(): number {
    try {
      this.lastResident = this.memory.resident();
    } catch {
      // Connections took all descriptors. The guard keeps running until it can read the memory again.
    }
    return this.lastResident;
  }
}

/** Holds the memory of this process close to what a limit promises. `used`, `limit`: see {@link ProcessMemory}. */
export function guardMemory(
  used: () => number,
  { collections }: Pick<Counters, "collections">,
  limit: number,
  clock: Clock,
): MemoryGuard {
  const guard = new MemoryGuard({
    limit,
    resident: () => process.memoryUsage.rss(),
    used,
    collect() {
      const began = clock.monotonic();
      Bun.gc(true);
      collections.observe(clock.monotonic() - began);
    },
    monotonic: () => clock.monotonic(),
  });
  const check = () => {
    setTimeout(check, guard.check()).unref();
  };
  check();
  return guard;
}
