import type { EndReason } from "../protocol/message.ts";
import type { Status } from "../protocol/presence.ts";
import { check, checkAll } from "./decode.ts";
import type { WireItem } from "./transports/connection.ts";
import { readMessage, type Gap, type Message } from "./message.ts";

/** A named listener. A name proves nothing: anyone can use any name. */
export interface Person {
  readonly name: string;
  readonly status: Status;
}

/** A listener's name and status in the presence list. A status requires a name. */
export interface PresenceInfo {
  /** One line of at most 32 characters. Listeners that use long polls do not appear. */
  readonly name?: string | undefined;
  /** Defaults to `online`. */
  readonly status?: Status | undefined;
}

/** A change of one person's presence. */
export interface PersonChange {
  readonly name: string;
  readonly status: Status | "offline";
}

/** The listeners changed. */
export interface PresenceEvent {
  readonly type: "presence";
  /** Nanoseconds since 1970: a presence list with a greater or equal `created` includes this change. */
  readonly created: string;
  /** Number of listeners. */
  readonly observers: number;
  readonly people: readonly PersonChange[];
  /** Number of further changes not listed: `presence()` returns the whole list. */
  readonly more: number;
}

/** The server began to deliver: when listening begins, and again after each reconnection. Not over long polls. */
export interface WelcomeEvent {
  readonly type: "welcome";
  /** Nanoseconds since 1970 by the server's clock: messages with a smaller or equal `created` are included in `count` and `left`. */
  readonly created: string;
  /** Idle time-to-live in seconds: the stream's, or the server's default while it does not exist. */
  readonly ttl: number;
  /** Milliseconds until the stream expires unless a message arrives, when the server sent this. Absent while it does not exist. */
  readonly left?: number;
  /** Number of messages kept. */
  readonly count: number;
}

/** An event of a stream, in order with its messages. */
export type StreamEvent =
  | WelcomeEvent
  /** Someone created the stream while it did not exist. `ttl` in seconds. Not told of streams that their first message creates. */
  | { readonly type: "created"; readonly ttl: number }
  | { readonly type: "message"; readonly message: Message }
  /** Messages are missing here. */
  | { readonly type: "gap"; readonly gap: Gap }
  | PresenceEvent
  /** The stream expires after this many seconds unless a message arrives. */
  | { readonly type: "expiring"; readonly seconds: number }
  /** The stream expired or was deleted. A new message creates it again, and reaches the same listeners. */
  | { readonly type: "ended"; readonly reason: EndReason };

/** The members of presence lists and events. */
interface RawPresence<P> {
  readonly Created?: string;
  readonly Observers: number;
  readonly People?: readonly P[];
  readonly More?: number;
}

/** Reads a presence list or event. @throws MaltenError `bad_response` */
export function readPresence<S>({
  Created = "",
  Observers,
  People = [],
  More = 0,
}: RawPresence<{ Name: string; Status: S }>): Omit<PresenceEvent, "type" | "people"> & {
  people: { name: string; status: S }[];
} {
  const people = checkAll<{ Name: string; Status: S }>(People, "Name", "Status").map(({ Name, Status }) => {
    return { name: Name, status: Status };
  });
  return { created: Created, observers: Observers, people, more: More };
}

/**
 * `server`: the sender. A message may still turn out to be this program's own. Returns undefined for an event unknown to this version.
 * @throws MaltenError `bad_response`
 */
export function readEvent(item: WireItem, server: string): StreamEvent | undefined {
  if (item.Type === "message")
    return {
      type: "message",
      message: readMessage(check<typeof item>(item, "Id", "Text", "Created", "Stream"), server),
    };
  switch (item.Text) {
    case "welcome": {
      const { Created, TTL, Expires, Count } = item;
      // Long polls and older servers do not tell.
      if (!Created || TTL === undefined || Count === undefined) return undefined;
      const left = Expires && { left: (Number(Expires) - Number(Created)) / 1e6 };
      return { type: "welcome", created: Created, ttl: TTL / 1e9, ...left, count: Count };
    }
    case "created":
      return { type: "created", ttl: check<typeof item>(item, "TTL").TTL / 1e9 };
    case "connect":
    case "close":
    case "presence":
      return { type: "presence", ...readPresence(check<typeof item>(item, "Observers")) };
    case "gap": {
      const { From, To } = check<typeof item>(item, "From", "To");
      return { type: "gap", gap: { from: From, to: To } };
    }
    case "expiring":
      return { type: "expiring", seconds: check<typeof item>(item, "Seconds").Seconds };
    case "ended":
      return { type: "ended", reason: item.Reason };
    default:
      return undefined;
  }
}
