import type { EndReason } from "../protocol/message.ts";
import type { Status } from "../protocol/presence.ts";
import type { Wire } from "./connection.ts";
import { readMessage, type Gap, type Message } from "./message.ts";

/** Someone who listens and wants to be seen. A name proves nothing: anyone may take any. */
export interface Person {
  readonly name: string;
  readonly status: Status;
}

/** How a listener wants to be seen, if at all: the server refuses a status without a name. */
export interface Appearance {
  /** The name to be seen by: one line of at most 32 characters. Who listens by long polls is not seen. */
  readonly name?: string | undefined;
  /** `online` unless given. */
  readonly status?: Status | undefined;
}

/** A change of someone who listens. */
export interface PersonChange {
  readonly name: string;
  readonly status: Status | "offline";
}

/** What happens to a stream, in the order in which it happens. */
export type StreamEvent =
  | { readonly type: "message"; readonly message: Message }
  /** Messages are missing here. */
  | { readonly type: "gap"; readonly gap: Gap }
  /** Who listens changed: how many do now, whose presence changed, and how many more changes there were: then ask `presence()`. */
  | {
      readonly type: "presence";
      readonly observers: number;
      readonly people: readonly PersonChange[];
      readonly more: number;
    }
  /** The stream dies in so many seconds unless a message comes. */
  | { readonly type: "expiring"; readonly seconds: number }
  /** It died. A new message begins it again, and is heard here. */
  | { readonly type: "ended"; readonly reason: EndReason };

export function readPeople<S>(people: readonly { Name: string; Status: S }[]): { name: string; status: S }[] {
  return people.map(({ Name, Status }) => ({ name: Name, status: Status }));
}

/** Answers undefined for an event that this version does not know. */
export function readEvent(wire: Wire): StreamEvent | undefined {
  if (wire.Type === "message") return { type: "message", message: readMessage(wire) };
  const { Observers = 0, People = [], More = 0, From = "0", To = "0", Seconds = 0, Reason = "idle" } = wire;
  switch (wire.Text) {
    case "connect":
    case "close":
    case "presence":
      return { type: "presence", observers: Observers, people: readPeople(People), more: More };
    case "gap":
      return { type: "gap", gap: { from: From, to: To } };
    case "expiring":
      return { type: "expiring", seconds: Seconds };
    case "ended":
      return { type: "ended", reason: Reason };
    default:
      return undefined;
  }
}
