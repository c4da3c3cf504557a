import { Problem, type ProblemCode } from "./problem.ts";
import type { WireEvent, WireMessage } from "./message.ts";
import { checkPerson, checkStatus, type WirePerson } from "./presence.ts";

/**
 * What a client may send on a WebSocket. Each may have a `Ref`, which comes back in the answer.
 * `Stream` of a message defaults to the one of the URL.
 */
export type ClientFrame =
  | { readonly Type: "message"; readonly Stream?: string; readonly Text: string }
  /** `Person` is who listens, as of `presence`. */
  | {
      readonly Type: "subscribe";
      readonly Stream: string;
      readonly Last?: string;
      readonly Person?: WirePerson;
    }
  | { readonly Type: "unsubscribe"; readonly Stream: string }
  /** Who listens here; without a name, nobody who wants to be seen. The socket has to listen to the stream. */
  | {
      readonly Type: "presence";
      readonly Stream?: string;
      readonly Person: WirePerson | undefined;
    }
  /** Asks for an ack: what a browser cannot do with a ping of RFC 6455. */
  | { readonly Type: "ping" };

/** What a server sends on a WebSocket. */
export type ServerFrame = WireMessage | WireEvent | WelcomeFrame | AckFrame | ErrorFrame;

/**
 * The subprotocol (RFC 6455 §1.9) of clients that take all that came in one turn as one frame, a line each: a frame
 * for each message is what a busy stream costs most.
 */
export const LINES_SUBPROTOCOL = "malten.lines";

/** A client's own name for a frame. */
export type Ref = string | number;

/** The first frame on a WebSocket that was opened with `subscribe=false`. */
export interface WelcomeFrame {
  readonly Type: "welcome";
  /** Who remembers each `Ref`: a message may be sent again, with the same `Ref`, as long as this is the same. */
  readonly Server: string;
}

/**
 * The frame was carried out. Of a message: how it is stored. Of a subscription: `Created`, where all up to that was given, so
 * that who loses the connection before the next message can resume from there.
 */
export interface AckFrame {
  readonly Type: "ack";
  readonly Ref?: Ref;
  readonly Id?: string;
  readonly Created?: string;
}

/** The frame was refused; nothing of it was done. */
export interface ErrorFrame {
  readonly Type: "error";
  readonly Ref?: Ref;
  readonly Code: ProblemCode;
  readonly Text: string;
}

/** 4000–4499: the client may reconnect. 4500–4999: it must not. */
export const CLOSE = {
  shuttingDown: 4000,
  tryAgain: 4001,
} as const;

/** Longest `Ref`, in UTF-16 code units: it is sent back as it is. */
export const MAX_REF = 64;

/**
 * A `Ref` of at least so many characters is taken to be nobody else's: a message that comes again with it is answered, and
 * not published again. Shorter ones, and numbers, only name the answer.
 */
export const LEAST_UNIQUE_REF = 16;

/** The members of a frame before it is known what kind it is. */
export type RawFrame = Readonly<Record<string, unknown>>;

/** @throws Problem `bad_json` for what is not a JSON object */
export function decodeFrame(data: string): RawFrame {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new Problem("bad_json", "A frame is a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Problem("bad_json", "A frame is a JSON object");
  }
  return { ...value };
}

/** The frame's `Ref`, if it has a valid one: known before the rest is looked at, so that an error can carry it. */
export function refOf({ Ref }: RawFrame): Ref | undefined {
  if (typeof Ref === "number") return Number.isFinite(Ref) ? Ref : undefined;
  return typeof Ref === "string" && Ref.length <= MAX_REF ? Ref : undefined;
}

/** The Ref, where it tells a message from all others. */
export function uniqueRef(ref: Ref | undefined): string | undefined {
  return typeof ref === "string" && ref.length >= LEAST_UNIQUE_REF ? ref : undefined;
}

/** @throws Problem `bad_request`, `bad_person`, `bad_parameter` for what is not one of {@link ClientFrame} */
export function readClientFrame(frame: RawFrame): ClientFrame {
  const { Type, Stream, Text, Last, Ref } = frame;
  if (Ref !== undefined && refOf(frame) === undefined) {
    throw malformed(`Ref is a number or a string of at most ${MAX_REF} characters`);
  }
  if (Stream !== undefined && typeof Stream !== "string") throw malformed("Stream is a string");
  switch (Type) {
    case "message":
      if (typeof Text !== "string") throw malformed("A message has a Text, which is a string");
      return Stream === undefined ? { Type, Text } : { Type, Stream, Text };
    case "subscribe": {
      if (Stream === undefined) throw malformed("Stream is missing");
      if (Last !== undefined && typeof Last !== "string") throw malformed("Last is a string");
      const Person = readPerson(frame);
      return { Type, Stream, ...(Last !== undefined && { Last }), ...(Person && { Person }) };
    }
    case "unsubscribe":
      if (Stream === undefined) throw malformed("Stream is missing");
      return { Type, Stream };
    case "presence":
      return { Type, Person: readPerson(frame), ...(Stream !== undefined && { Stream }) };
    case "ping":
      return { Type };
    default:
      throw malformed("Type is one of message, subscribe, unsubscribe, presence, ping");
  }
}

function readPerson({ Name, Status }: RawFrame): WirePerson | undefined {
  if (Name !== undefined && typeof Name !== "string") throw malformed("Name is a string");
  if (Status !== undefined && typeof Status !== "string") throw malformed("Status is a string");
  if (Name !== undefined) return { Name: checkPerson(Name), Status: checkStatus(Status ?? "online") };
  if (Status === undefined) return undefined;
  throw new Problem("bad_parameter", "A Status is of somebody with a Name");
}

function malformed(detail: string): Problem {
  return new Problem("bad_request", detail);
}
