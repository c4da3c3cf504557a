import type { Entry, PendingMessage } from "../state/entry.ts";

/** What is in the log and below it. They change together: a message that arrives stops being pending. */
export interface Content {
  readonly entries: readonly Entry[];
  readonly pending: readonly PendingMessage[];
}

/** Entries that are added in one frame: more than come meanwhile, unless a log comes all at once. */
const ADDED_PER_FRAME = 32;

/** What is shown after `shown`, on the way to `arrived`: that itself if a frame has time for it. */
export function nextContent(shown: Content, arrived: Content): Content {
  const last = indexOfLast(arrived, shown);
  const end = last + 1 + ADDED_PER_FRAME;
  if (last === -1 || end >= arrived.entries.length) return arrived;
  const entries = arrived.entries.slice(0, end);
  const keys = new Set(entries.slice(-ADDED_PER_FRAME).map(({ key }) => key));
  return { entries, pending: shown.pending.filter(({ key }) => !keys.has(key)) };
}

/** Reports whether the end of what was shown is still there, or nothing was. */
export function isSuccessor(shown: Content, next: Content): boolean {
  return shown.entries.length === 0 || indexOfLast(next, shown) !== -1;
}

/** Where the last entry that is shown is in what has arrived. */
function indexOfLast(arrived: Content, shown: Content): number {
  const last = shown.entries.at(-1)?.key;
  return arrived.entries.findLastIndex(({ key }) => key === last);
}
