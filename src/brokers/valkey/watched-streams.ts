import type { Cursor } from "../../protocol/cursor.ts";
import type { Connection } from "./connection.ts";

/** `expiring` is reported this many microseconds before a stream expires, or a quarter of its time-to-live if that is less. */
const NOTICE = 60_000_000;

/** A stream that this server is subscribed to. */
export interface WatchedStream {
  readonly name: string;
  readonly group: number;
  readonly channel: string;
  /** The connection that it is subscribed on; undefined: it has to be subscribed. */
  connection: Connection | undefined;
  /** Whether it was ever subscribed. */
  wasSubscribed: boolean;
  /** The newest message that was reported. */
  newest: Cursor;
  /** When it expires, on the clock of the engine in microseconds. 0: it does not exist. */
  deadline: number;
  /** When the deadline was last renewed, on the same clock. */
  renewed: number;
  isAnnounced: boolean;
  /** Whether the engine was asked to delete it. */
  isExpiring: boolean;
}

/** Records that the stream exists, with this deadline. */
export function renew(stream: WatchedStream, deadline: number, renewed: number): void {
  if (deadline <= stream.deadline) return;
  stream.deadline = deadline;
  stream.renewed = renewed;
  stream.isAnnounced = false;
}

/** Records that the stream was deleted. */
export function forget(stream: WatchedStream): void {
  stream.deadline = 0;
  stream.isAnnounced = false;
}

/** Returns the seconds left if it is time to announce that the stream expires. */
export function dueNotice(stream: WatchedStream, now: number): number | undefined {
  const left = stream.deadline - now;
  const notice = Math.min(NOTICE, (stream.deadline - stream.renewed) / 4);
  if (stream.deadline === 0 || stream.isAnnounced || left <= 0 || left > notice) return undefined;
  stream.isAnnounced = true;
  return Math.ceil(left / 1_000_000);
}
