/**
 * A position in a stream: microseconds since 1970, as a JS number (exact until the year 2255). It means something only
 * together with the server that numbered it.
 */
export type Cursor = number;

/** Before all messages. */
export const EARLIEST: Cursor = 0;

/**
 * The position of a cursor that another server numbered: later than everything here, so a reader who resumes from it gets a
 * gap from 0 and all messages that are kept.
 */
export const FOREIGN: Cursor = Number.POSITIVE_INFINITY;

/**
 * Later than every message. Cursors that clients made up are capped here: larger numbers are not exact, and the cursor that a
 * listener is told to resume from could have too many digits to be accepted again.
 */
const LATEST: Cursor = 2 ** 53;

/** At most 20 digits, so that the number stays finite and ordered. */
const NANOSECONDS = /^[0-9]{1,20}$/;

const CURSOR = /^([0-9]{1,20})(?:-([A-Za-z0-9]{1,32}))?$/;

/** A cursor as `Created` shows it: nanoseconds since 1970. Its last three digits are 000. */
export function formatNanoseconds(cursor: Cursor): string {
  return cursor === 0 ? "0" : `${cursor}000`;
}

/** The wire form of a cursor: `<Created>-<server>`. */
export function formatCursor(cursor: Cursor, server: string): string {
  return `${formatNanoseconds(cursor)}-${server}`;
}

/**
 * Splits the wire form of a cursor into its `Created` and the server that numbered it. Bare digits, which clients of the
 * original server send, are this server's. Returns undefined for anything else.
 */
export function splitCursor(cursor: string): { ns: string; server: string | undefined } | undefined {
  const [, ns, server] = CURSOR.exec(cursor) ?? [];
  return ns === undefined ? undefined : { ns, server };
}

/**
 * The cursor such that `cursor < m` is true of the same messages m as `ns < m.Created`.
 * Returns undefined unless `ns` is a whole number of nanoseconds.
 */
export function parseCursorAfter(ns: string): Cursor | undefined {
  return NANOSECONDS.test(ns) ? Math.min(Number(ns.slice(0, -3)), LATEST) : undefined;
}

/** The cursor such that `m < cursor` is true of the same messages m as `m.Created < ns`. */
export function parseCursorBefore(ns: string): Cursor | undefined {
  const floor = parseCursorAfter(ns);
  if (floor === undefined) return undefined;
  return Number(ns.slice(-3)) > 0 ? floor + 1 : floor;
}
