const MINUTE = 60_000;

/** A run of messages ends after this silence, in milliseconds. */
const SILENCE = 5 * MINUTE;

/** The time is shown between messages after this silence, in milliseconds. */
const PAUSE = 2 * 60 * MINUTE;

/** What decides whether messages belong together. */
export interface Authored {
  /** Who wrote it, as far as is known: the same for messages of one author. */
  readonly author: string;
  readonly time: Date;
}

/** A line of the log, and how it is shown after the line before it. */
export interface Row<L> {
  readonly line: L;
  /** Begins a run of messages of one author: their name and the time are shown once, with it. */
  readonly isFirst: boolean;
  /** The day or the time to show before it, after a long silence. */
  readonly pause: "day" | "time" | undefined;
}

/**
 * Groups lines into runs: messages of one author, without another line or a long silence between them. `authoredOf` returns undefined
 * for lines that nobody wrote.
 */
export function rowsOf<L>(
  lines: readonly L[],
  authoredOf: (line: L) => Authored | undefined,
  now = new Date(),
): Row<L>[] {
  let before: Authored | undefined;
  let newest = now;
  let isAnyBefore = false;
  return lines.map((line) => {
    const authored = authoredOf(line);
    if (authored === undefined) {
      before = undefined;
      return { line, isFirst: false, pause: undefined };
    }
    const pause = pauseBetween(newest, authored.time, isAnyBefore);
    const isFirst =
      pause !== undefined ||
      before?.author !== authored.author ||
      authored.time.getTime() - before.time.getTime() > SILENCE;
    before = authored;
    newest = authored.time;
    isAnyBefore = true;
    return { line, isFirst, pause };
  });
}

/** `isBetween`: whether a message was at `from`; otherwise it is now. */
function pauseBetween(from: Date, to: Date, isBetween: boolean): Row<never>["pause"] {
  if (from.toDateString() !== to.toDateString()) return "day";
  return isBetween && to.getTime() - from.getTime() > PAUSE ? "time" : undefined;
}
