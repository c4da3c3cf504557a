import { formatCursor, type Cursor } from "./cursor.ts";
import type { WirePersonChange } from "./presence.ts";

/** A message as clients read it, in the original server's JSON. */
export interface WireMessage {
  /** Opaque, unique across servers. */
  readonly Id: string;
  readonly Text: string;
  readonly Type: "message";
  /** Nanoseconds since 1970; strictly increasing within a server, so it is a cursor without ties. */
  readonly Created: string;
  readonly Stream: string;
  /** Always null: the original's link previews told others' servers what people read. */
  readonly Metadata: null;
}

/** Something that happened to a stream. Never kept, and never moves a reader's cursor. */
export interface WireEvent extends Omit<WireMessage, "Type" | "Text"> {
  readonly Type: "event";
  readonly Text: EventName;
  /** Of `connect`, `close` and `presence`: how many listen now. */
  readonly Observers?: number;
  /** Of `connect`, `close` and `presence`: whose presence changed, of those who want to be seen. */
  readonly People?: readonly WirePersonChange[];
  /** Of `connect`, `close` and `presence`: how many more changed; `GET /presence` tells who is here. */
  readonly More?: number;
  /** Of `gap`: what lies after From and before To is gone. Nanoseconds since 1970. */
  readonly From?: string;
  readonly To?: string;
  /** Of `expiring`: seconds until the stream dies unless a message comes. */
  readonly Seconds?: number;
  /** Of `ended`: why. */
  readonly Reason?: EndReason;
}

type EventName = "connect" | "close" | "presence" | "gap" | "expiring" | "ended";

/** `idle`: no message came for the stream's TTL. `owner`: its owner ended it. */
export type EndReason = "idle" | "owner";

/** What tells events apart, by name. */
export type EventDetails =
  | {
      readonly Text: "connect" | "close" | "presence";
      readonly Observers: number;
      readonly People?: readonly WirePersonChange[];
      readonly More?: number;
    }
  | { readonly Text: "gap"; readonly From: string; readonly To: string }
  | { readonly Text: "expiring"; readonly Seconds: number }
  | { readonly Text: "ended"; readonly Reason: EndReason };

/** A stream as listed by `GET /streams`, in the original server's JSON. Times in nanoseconds. */
export interface WireStream {
  readonly Id: string;
  readonly Messages: null;
  readonly Private: false;
  readonly Updated: number;
  readonly TTL: number;
  readonly Observers: number;
}

/** The JSON of a message. Written by hand: this is on the hot path, and `escaped` is JSON already. */
export function messageJson(id: string, escaped: string, created: Cursor, stream: string): string {
  return `{"Id":"${id}","Text":"${escaped}","Type":"message","Created":"${created}000","Stream":"${stream}","Metadata":null}`;
}

export function eventJson(id: string, created: Cursor, stream: string, details: EventDetails): string {
  const { Text, ...rest } = details;
  return JSON.stringify({
    Id: id,
    Text,
    Type: "event",
    Created: formatCursor(created),
    Stream: stream,
    Metadata: null,
    ...rest,
  });
}
