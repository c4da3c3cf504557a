import type { Listed } from "../../src/client/index.ts";

/** A list was on its way, and streams are deleted a little late: errors that are smaller are none, in milliseconds. */
const TOLERANCE = 2000;

/**
 * Returns how far this device's clock is ahead of the server's at least, in milliseconds; negative if it is behind. A list of streams that
 * was just received tells: none of them was written to in the future, and none has expired. `before` is what earlier lists told, and
 * stays if it may be right.
 */
export function clockError(
  before: number,
  streams: readonly Pick<Listed, "updated" | "ttl">[],
  now = Date.now(),
): number {
  const ages = streams.map(({ updated }) => now - updated.getTime());
  const most = Math.min(...ages);
  const least = Math.max(...streams.map(({ ttl }, i) => (ages[i] ?? 0) - ttl * 1000));
  if (before > most + TOLERANCE) return most;
  return before < least - TOLERANCE ? least : before;
}
