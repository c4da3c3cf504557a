import type { EndReason } from "../protocol/message.ts";
import type { Status } from "../protocol/presence.ts";
import type { WireItem } from "./transports/connection.ts";
import { readMessage, type Gap, type Message } from "./message.ts";

/** Someone who listens and wants to be seen. A name proves nothing: anyone may take any. */
export interface Person {
  readonly name: string;
  readonly status: Status;
}

/** How a listener is seen by others. A status requires a name. */
export interface PresenceInfo {
  /** One line of at most 32 characters. Listeners that use long polls are not seen. */
  readonly name?: string | undefined;
  /** Defaults to `online`. */
  readonly status?: Status | undefined;
}

/** A change of one person's presence. */
export interface PersonChange {
  readonly name: string;
  readonly status: Status | "offline";
}

/** Who listens changed. */
export interface PresenceEvent {
  readonly type: "presence";
  /** Nanoseconds since 1970: a presence list with a greater or equal `created` includes this change. */
  readonly created: string;
  /** How many listen now. */
  readonly observers: number;
  readonly people: readonly PersonChange[];
  /** How many more changes there were than are listed: `presence()` has the whole list. */
  readonly more: number;
}

/** What happens to a stream, in order. */
export type StreamEvent =
  | { readonly type: "message"; readonly message: Message }
  /** Messages are missing here. */
  | { readonly type: "gap"; readonly gap: Gap }
  | PresenceEvent
  /** The stream expires after this many seconds unless a message comes. */
  | { readonly type: "expiring"; readonly seconds: number }
  /** The stream expired or was deleted. A new message creates it again, and is received by the same listener. */
  | { readonly type: "ended"; readonly reason: EndReason };

export function readPeople<S>(people: readonly { Name: string; Status: S }[]): { name: string; status: S }[] {
  return people.map(({ Name, Status }) => ({ name: Name, status: Status }));
}

/** `server` is the one that it comes from. Returns undefined for an event that this version does not know. */
export function readEvent(item: WireItem, server: string, own: boolean): StreamEvent | undefined {
  if (item.Type === "message") return { type: "message", message: readMessage(item, server, own) };
  switch (item.Text) {
    case "connect":
    case "close":
    case "presence": {
      const { Created = "", Observers, People = [], More = 0 } = item;
      return {
        type: "presence",
        created: Created,
        observers: Observers,
        people: readPeople(People),
        more: More,
      };
    }
    case "gap":
      return { type: "gap", gap: { from: item.From, to: item.To } };
    case "expiring":
      return { type: "expiring", seconds: item.Seconds };
    case "ended":
      return { type: "ended", reason: item.Reason };
    default:
      return undefined;
  }
}
