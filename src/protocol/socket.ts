import { formatNanoseconds, type Cursor } from "./cursor.ts";
import { hasDuplicateNames, isJsonObject, type JsonObject } from "./json.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import type { WireEvent, WireMessage } from "./message.ts";
import { checkPersonOf, checkStatus, type WirePerson } from "./presence.ts";

/**
 * A frame from a client. Each may carry a `Ref`, which the answer repeats.
 * `Stream` of a message defaults to the one in the URL. `Access` is an access token, required if the stream is sealed.
 */
export type ClientFrame =
  | MessageFrame
  | SubscribeFrame
  | { readonly Type: "unsubscribe"; readonly Stream: string }
  | PresenceFrame
  /** Requests an ack: browsers cannot send a WebSocket ping (RFC 6455 §5.5.2). */
  | { readonly Type: "ping" };

/** Publishes a message. */
export interface MessageFrame {
  readonly Type: "message";
  readonly Stream?: string;
  readonly Text: string;
  /** Who says they sent it. */
  readonly Name?: string;
  readonly Access?: string;
}

/** Subscribes to a stream; a second subscription to it replaces the first. */
export interface SubscribeFrame {
  readonly Type: "subscribe";
  readonly Stream: string;
  /** A cursor, or `earliest`. Live only if absent. */
  readonly Last?: string;
  /** The name and status in the presence list. */
  readonly Person?: WirePerson;
  readonly Access?: string;
}

/** Changes this listener's name and status; without a name it becomes anonymous. Requires a subscription to the stream. */
export interface PresenceFrame {
  readonly Type: "presence";
  readonly Stream?: string;
  readonly Person: WirePerson | undefined;
  readonly Access?: string;
}

/** A frame from the server. */
export type ServerFrame = WireMessage | WireEvent | WelcomeFrame | AckFrame | ErrorFrame;

/**
 * Subprotocol (RFC 6455 §1.9) in which all messages of one event-loop turn share a frame, one per line: on a busy stream a
 * frame per message is the largest cost.
 */
export const LINES_SUBPROTOCOL = "malten.lines";

/** A client's own identifier for a frame. */
export type Ref = string | number;

/** The first frame on a WebSocket that was opened with `subscribe=false`. */
export interface WelcomeFrame {
  readonly Type: "welcome";
  /** Remembers each `Ref`: a message may be sent again with the same `Ref` as long as this stays the same. */
  readonly Server: string;
}

/** The frame was accepted. For a message: its `Id`, `Created` and cursor. */
export interface AckFrame {
  readonly Type: "ack";
  readonly Ref?: Ref;
  readonly Id?: string;
  readonly Created?: string;
  readonly Cursor?: string;
}

/** The message that an ack reports. */
interface AckedMessage {
  readonly id: string;
  readonly created: Cursor;
  readonly cursor: string;
}

/** Returns the JSON of an {@link AckFrame}. Concatenated by hand: every message sent over a WebSocket gets one. */
export function ackJson(ref: Ref | undefined, message?: AckedMessage): string {
  const start = ref === undefined ? `{"Type":"ack"` : `{"Type":"ack","Ref":${JSON.stringify(ref)}`;
  if (message === undefined) return `${start}}`;
  const { id, created, cursor } = message;
  return `${start},"Id":"${id}","Created":"${formatNanoseconds(created)}","Cursor":"${cursor}"}`;
}

/** The frame was rejected and changed nothing. */
export interface ErrorFrame {
  readonly Type: "error";
  readonly Ref?: Ref;
  readonly Code: ProblemCode;
  readonly Text: string;
  /** Whole seconds until the client may try again. */
  readonly RetryAfter?: number;
}

/** 4000–4499: the client may reconnect. 4500–4999: it must not. */
export const CLOSE = {
  shuttingDown: 4000,
  tryAgain: 4001,
  /** The client sent too many frames that were refused. */
  tooFast: 4002,
} as const;

/** Longest `Ref`, in UTF-16 code units. */
export const MAX_REF = 64;

/**
 * A `Ref` of at least this many characters is assumed to be globally unique: a message sent again with it is acknowledged but
 * not published again. Shorter refs and numbers only match answers to frames.
 */
export const LEAST_UNIQUE_REF = 16;

/** A frame whose `Type` has not been checked yet. */
export type RawFrame = JsonObject;

/** Parses a frame. @throws Problem `bad_json` unless it is a JSON object */
export function decodeFrame(data: string): RawFrame {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new Problem("bad_json", "A frame must be a JSON object");
  }
  if (!isJsonObject(value)) throw new Problem("bad_json", "A frame must be a JSON object");
  return value;
}

/** Rejects a frame in which a name appears twice. @throws Problem `duplicate_parameter` */
export function checkNames(data: string, frame: RawFrame): void {
  if (hasDuplicateNames(data, frame))
    throw new Problem("duplicate_parameter", "A name appears more than once in the frame");
}

/** Returns the frame's `Ref` if it is valid. Read before the rest, so that an error can carry it. */
export function refOf({ Ref }: RawFrame): Ref | undefined {
  if (typeof Ref === "number") return Number.isFinite(Ref) ? Ref : undefined;
  return typeof Ref === "string" && Ref.length <= MAX_REF ? Ref : undefined;
}

/** Returns the ref if it is long enough to be globally unique. */
export function uniqueRef(ref: Ref | undefined): string | undefined {
  return typeof ref === "string" && ref.length >= LEAST_UNIQUE_REF ? ref : undefined;
}

/**
 * Validates a frame. `stream` is what a frame without one means.
 * @throws Problem `bad_request`, `bad_person`, `bad_parameter`
 */
export function readClientFrame(frame: RawFrame, stream: string): ClientFrame {
  const { Type, Stream, Text, Last, Ref, Name, Access } = frame;
  if (Ref !== undefined && refOf(frame) === undefined) {
    throw malformed(`Ref must be a number or a string of at most ${MAX_REF} characters`);
  }
  if (Stream !== undefined && typeof Stream !== "string") throw malformed("Stream must be a string");
  if (Access !== undefined && typeof Access !== "string") throw malformed("Access must be a string");
  switch (Type) {
    case "message":
      if (typeof Text !== "string") throw malformed("Text must be a string");
      if (Name !== undefined || Access !== undefined)
        return {
          Type,
          Text,
          ...(Stream !== undefined && { Stream }),
          ...(Name !== undefined && { Name: checkNameType(Name) }),
          ...(Access !== undefined && { Access }),
        };
      return Stream === undefined ? { Type, Text } : { Type, Stream, Text };
    case "subscribe": {
      if (Stream === undefined) throw malformed("Stream is required");
      if (Last !== undefined && typeof Last !== "string") throw malformed("Last must be a string");
      const Person = readPerson(frame, Stream);
      return {
        Type,
        Stream,
        ...(Last !== undefined && { Last }),
        ...(Person && { Person }),
        ...(Access !== undefined && { Access }),
      };
    }
    case "unsubscribe":
      if (Stream === undefined) throw malformed("Stream is required");
      return { Type, Stream };
    case "presence":
      return {
        Type,
        Person: readPerson(frame, Stream ?? stream),
        ...(Stream !== undefined && { Stream }),
        ...(Access !== undefined && { Access }),
      };
    case "ping":
      return { Type };
    default:
      throw malformed("Type must be one of message, subscribe, unsubscribe, presence, ping");
  }
}

function readPerson({ Name, Status }: RawFrame, stream: string): WirePerson | undefined {
  if (Status !== undefined && typeof Status !== "string") throw malformed("Status must be a string");
  if (Name !== undefined)
    return { Name: checkPersonOf(stream, checkNameType(Name)), Status: checkStatus(Status ?? "online") };
  if (Status === undefined) return undefined;
  throw new Problem("bad_parameter", "Status requires Name");
}

function checkNameType(name: unknown): string {
  if (typeof name === "string") return name;
  throw malformed("Name must be a string");
}

function malformed(detail: string): Problem {
  return new Problem("bad_request", detail);
}
