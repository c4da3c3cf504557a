import type { EventDetails } from "../protocol/message.ts";
import type { Clock } from "./clock.ts";
import type { PresenceList } from "./presence.ts";

/** Shortest interval between two presence events of a stream, in milliseconds. */
const INTERVAL = 1000;

/** What the listeners of a stream were told about each other. */
export interface Announced {
  /** Undefined until a listener gives a name. */
  readonly people: PresenceList | undefined;
  /** The number of listeners. */
  announced: number;
  /** By the monotonic clock, in milliseconds; at first negative infinity. */
  announcedAt: number;
}

/**
 * Returns an event if the number or the presence of listeners changed since the last one, at most one per second.
 * @param count the number of listeners now
 */
export function nextAnnouncement(
  stream: Announced,
  count: number,
  clock: Pick<Clock, "monotonic">,
): EventDetails | undefined {
  const more = count - stream.announced;
  if ((more === 0 && stream.people?.changed !== true) || count === 0) return undefined;
  const now = clock.monotonic();
  if (now - stream.announcedAt < INTERVAL) return undefined;
  stream.announced = count;
  stream.announcedAt = now;
  const Text = more > 0 ? "connect" : more < 0 ? "close" : "presence";
  return { Text, Observers: count, ...stream.people?.takeChanges() };
}
