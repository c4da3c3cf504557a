import { formatNanoseconds, type Cursor } from "./cursor.ts";
import type { WirePersonChange } from "./presence.ts";

/** A message as clients read it, in the original server's JSON. */
export interface WireMessage {
  /** Opaque, unique across servers. */
  readonly Id: string;
  readonly Text: string;
  readonly Type: "message";
  /** Nanoseconds since 1970; strictly increasing within a stream of one server. */
  readonly Created: string;
  readonly Stream: string;
  /** Always null: fetching link previews would leak what people read. */
  readonly Metadata: null;
  /** Who says they sent it, if they gave a name. Proves nothing: anyone can use any name. */
  readonly Name?: string;
}

/** Something that happened to a stream. Events are not stored, and apart from `welcome` they do not move a listener's cursor. */
export interface WireEvent extends Omit<WireMessage, "Type" | "Text" | "Name"> {
  readonly Type: "event";
  readonly Text: EventName;
  /** `welcome`: the server that numbers messages and cursors. */
  readonly Server?: string;
  /** `welcome`: where this listener begins. */
  readonly Cursor?: string;
  /** `welcome`, `created`: idle time-to-live of the stream in nanoseconds, as in `GET /streams`. */
  readonly TTL?: number;
  /** `welcome`: when the stream expires unless a message arrives, in nanoseconds since 1970; absent while it does not exist. */
  readonly Expires?: string;
  /** `welcome`: number of messages kept. */
  readonly Count?: number;
  /** `connect`, `close`, `presence`: number of listeners. */
  readonly Observers?: number;
  /** `connect`, `close`, `presence`: people whose presence changed. */
  readonly People?: readonly WirePersonChange[];
  /** `connect`, `close`, `presence`: number of further changes; `GET /presence` returns the whole list. */
  readonly More?: number;
  /** `gap`: messages after From and before To are missing. Nanoseconds since 1970. */
  readonly From?: string;
  readonly To?: string;
  /** `expiring`: seconds until the stream expires unless a message arrives. */
  readonly Seconds?: number;
  /** `ended`: why. */
  readonly Reason?: EndReason;
}

type EventName = EventDetails["Text"];

/** `idle`: no message arrived within the stream's time-to-live. `owner`: the owner deleted it. */
export type EndReason = "idle" | "owner";

/** The members of each event besides those of a message. */
export type EventDetails =
  | {
      readonly Text: "welcome";
      readonly Server: string;
      readonly Cursor: string;
      readonly TTL: number;
      readonly Expires?: string;
      readonly Count: number;
    }
  | { readonly Text: "created"; readonly TTL: number }
  | {
      readonly Text: "connect" | "close" | "presence";
      readonly Observers: number;
      readonly People?: readonly WirePersonChange[];
      readonly More?: number;
    }
  | { readonly Text: "gap"; readonly From: string; readonly To: string }
  | { readonly Text: "expiring"; readonly Seconds: number }
  | { readonly Text: "ended"; readonly Reason: EndReason };

/** A stream in `GET /streams`, in the original server's JSON. Times in nanoseconds. */
export interface WireStream {
  readonly Id: string;
  readonly Messages: null;
  readonly Private: false;
  readonly Updated: number;
  readonly TTL: number;
  readonly Observers: number;
}

/** Returns the JSON of a message. Concatenated by hand: this is the hot path, and `escaped` is JSON-escaped already. */
export function messageJson(id: string, escaped: string, created: Cursor, stream: string): string {
  return `{"Id":"${id}","Text":"${escaped}","Type":"message","Created":"${created}000","Stream":"${stream}","Metadata":null}`;
}

/** Adds the name of the sender to the JSON of a message. `escaped` is JSON-escaped already. */
export function withName(json: string, escaped: string): string {
  return `${json.slice(0, -1)},"Name":"${escaped}"}`;
}

export function eventJson(id: string, created: Cursor, stream: string, details: EventDetails): string {
  const { Text, ...rest } = details;
  return JSON.stringify({
    Id: id,
    Text,
    Type: "event",
    Created: formatNanoseconds(created),
    Stream: stream,
    Metadata: null,
    ...rest,
  });
}
