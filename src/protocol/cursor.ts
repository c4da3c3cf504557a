/**
 * A place in a stream: microseconds since 1970, as a JS number (exact until the year 2255). On the wire it is a
 * string of nanoseconds, whose last three digits are 000.
 */
export type Cursor = number;

/** Before everything that is kept. */
export const EARLIEST: Cursor = 0;

/** At most 20 digits, so that it stays a finite, ordered number. */
const NANOSECONDS = /^[0-9]{1,20}$/;

/** The wire form of a cursor: nanoseconds since 1970. */
export function formatCursor(cursor: Cursor): string {
  return cursor === 0 ? "0" : `${cursor}000`;
}

/**
 * The cursor such that `cursor < m` says the same of each message m as `ns < m.Created`.
 * Answers undefined for what is not a whole number of nanoseconds.
 */
export function parseCursorAfter(ns: string): Cursor | undefined {
  return NANOSECONDS.test(ns) ? Number(ns.slice(0, -3)) : undefined;
}

/** The cursor such that `m < cursor` says the same of each message m as `m.Created < ns`. */
export function parseCursorBefore(ns: string): Cursor | undefined {
  const floor = parseCursorAfter(ns);
  if (floor === undefined) return undefined;
  return Number(ns.slice(-3)) > 0 ? floor + 1 : floor;
}
