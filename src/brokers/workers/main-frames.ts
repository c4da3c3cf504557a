import type { CreatedStream, Gap, Position, StreamInfo } from "../../core/broker.ts";
import type { Content } from "../../core/content.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { EndReason } from "../../protocol/message.ts";
import { checkStatus, type WirePerson, type WirePresence } from "../../protocol/presence.ts";
import type { Problem } from "../../protocol/problem.ts";
import { escapeField, FieldReader, joinFields } from "./fields.ts";

/** The problems that brokers report. Any other error is a bug, and `internal`. */
const PROBLEM_CODES = [
  "stream_exists",
  "ref_reused",
  "token_wrong",
  "not_found",
  "rate_limited",
  "quota_exceeded",
  "memory_full",
  "unavailable",
  "shutting_down",
  "too_busy",
] as const;

/** What is sent of a {@link Problem}. */
type ProblemParts = Pick<Problem, "code" | "detail" | "retryAfter">;

/** A message without what its stream and its server tell. */
export interface Entry {
  readonly created: Cursor;
  readonly content: Content;
}

/** An answer to a request of a worker. */
export type MainAnswer =
  | { readonly kind: "published"; readonly id: number; readonly created: Cursor }
  | { readonly kind: "position"; readonly id: number; readonly position: Position }
  /** A page or a replay. */
  | {
      readonly kind: "messages";
      readonly id: number;
      readonly cursor: Cursor;
      readonly gap: Gap | undefined;
      readonly entries: readonly Entry[];
    }
  | { readonly kind: "listed"; readonly id: number; readonly streams: readonly Required<StreamInfo>[] }
  | { readonly kind: "stream"; readonly id: number; readonly stream: CreatedStream }
  | { readonly kind: "done"; readonly id: number }
  | { readonly kind: "people"; readonly id: number; readonly presence: WirePresence }
  | {
      readonly kind: "problem";
      readonly id: number;
      readonly problem: ProblemParts;
    };

/** News of a stream, see `BrokerListener`. */
export type MainNews =
  | {
      readonly kind: "message";
      readonly stream: string;
      readonly created: Cursor;
      readonly previous: Cursor | undefined;
      readonly content: Content;
    }
  | { readonly kind: "resumed"; readonly stream: string; readonly position: Cursor }
  | { readonly kind: "created"; readonly stream: string; readonly ttl: number }
  | { readonly kind: "expiring"; readonly stream: string; readonly seconds: number }
  | { readonly kind: "ended"; readonly stream: string; readonly reason: EndReason }
  /** An event about the listeners of a stream, as JSON. */
  | { readonly kind: "event"; readonly stream: string; readonly json: string };

/** What the main process sends to a worker. */
export type MainFrame =
  | MainAnswer
  | MainNews
  /** Anything that is not of a stream. */
  | { readonly kind: "control"; readonly json: string };

/** First field of each kind of frame. */
const TAGS = {
  published: "p",
  position: "o",
  messages: "g",
  listed: "l",
  stream: "s",
  done: "d",
  people: "q",
  problem: "e",
  message: "m",
  resumed: "r",
  created: "c",
  expiring: "x",
  ended: "z",
  event: "v",
  control: "j",
} as const satisfies Record<MainFrame["kind"], string>;

/** Writes a frame as a line of fields. */
export function encodeMainFrame(frame: MainFrame): string {
  const tag = TAGS[frame.kind];
  switch (frame.kind) {
    case "published":
      // The most frequent ones: half the time of joining an array.
      return `${tag}\t${frame.id}\t${frame.created}\n`;
    case "position": {
      const { cursor, ttl, left = "", count } = frame.position;
      return joinFields(tag, frame.id, cursor, ttl, left, count);
    }
    case "messages": {
      const { id, cursor, gap, entries } = frame;
      const messages = entries.flatMap(({ created, content }) => [created, content]);
      return joinFields(tag, id, cursor, gap?.from ?? "", gap?.to ?? "", ...messages);
    }
    case "listed": {
      const streams = frame.streams.flatMap(({ name, id, updated, ttl, observers }) => [
        name,
        id,
        updated,
        ttl,
        observers,
      ]);
      return joinFields(tag, frame.id, ...streams);
    }
    case "stream": {
      const { name, ttl, owner = "" } = frame.stream;
      return joinFields(tag, frame.id, name, frame.stream.private ? 1 : 0, ttl, owner);
    }
    case "done":
      return joinFields(tag, frame.id);
    case "people": {
      const { Stream, Created, Observers, More, People } = frame.presence;
      const people = People.flatMap(({ Name, Status }) => [Status, escapeField(Name)]);
      return joinFields(tag, frame.id, Stream, Created, Observers, More, ...people);
    }
    case "problem": {
      const { code, detail, retryAfter = "" } = frame.problem;
      return joinFields(tag, frame.id, code, retryAfter, escapeField(detail));
    }
    case "message": {
      const { stream, created, previous = "", content } = frame;
      return `${tag}\t${stream}\t${created}\t${previous}\t${content}\n`;
    }
    case "resumed":
      return joinFields(tag, frame.stream, frame.position);
    case "created":
      return joinFields(tag, frame.stream, frame.ttl);
    case "expiring":
      return joinFields(tag, frame.stream, frame.seconds);
    case "ended":
      return joinFields(tag, frame.stream, frame.reason);
    case "event":
      return joinFields(tag, frame.stream, frame.json);
    case "control":
      return joinFields(tag, frame.json);
  }
}

/** Reads a frame that {@link encodeMainFrame} wrote, without its end. @throws Error for anything else */
export function decodeMainFrame(line: string): MainFrame {
  const fields = new FieldReader(line);
  switch (fields.text()) {
    case TAGS.published:
      return { kind: "published", id: fields.number(), created: fields.number() };
    case TAGS.position:
      return {
        kind: "position",
        id: fields.number(),
        position: {
          cursor: fields.number(),
          ttl: fields.number(),
          left: fields.optionalNumber(),
          count: fields.number(),
        },
      };
    case TAGS.messages: {
      const id = fields.number();
      const cursor = fields.number();
      const gap = readGap(fields);
      return { kind: "messages", id, cursor, gap, entries: readAll(fields, readEntry) };
    }
    case TAGS.listed:
      return { kind: "listed", id: fields.number(), streams: readAll(fields, readStream) };
    case TAGS.stream:
      return {
        kind: "stream",
        id: fields.number(),
        stream: {
          name: fields.text(),
          private: fields.text() === "1",
          ttl: fields.number(),
          owner: fields.optionalText(),
        },
      };
    case TAGS.done:
      return { kind: "done", id: fields.number() };
    case TAGS.people:
      return { kind: "people", id: fields.number(), presence: readPresence(fields) };
    case TAGS.problem:
      return { kind: "problem", id: fields.number(), problem: readProblem(fields) };
    case TAGS.message:
      return {
        kind: "message",
        stream: fields.text(),
        created: fields.number(),
        previous: fields.optionalNumber(),
        content: fields.text(),
      };
    case TAGS.resumed:
      return { kind: "resumed", stream: fields.text(), position: fields.number() };
    case TAGS.created:
      return { kind: "created", stream: fields.text(), ttl: fields.number() };
    case TAGS.expiring:
      return { kind: "expiring", stream: fields.text(), seconds: fields.number() };
    case TAGS.ended:
      return { kind: "ended", stream: fields.text(), reason: fields.text() === "owner" ? "owner" : "idle" };
    case TAGS.event:
      return { kind: "event", stream: fields.text(), json: fields.text() };
    case TAGS.control:
      return { kind: "control", json: fields.text() };
    default:
      throw new Error("unknown frame of the main process");
  }
}

function readGap(fields: FieldReader): Gap | undefined {
  const from = fields.optionalNumber();
  const to = fields.optionalNumber();
  return from === undefined || to === undefined ? undefined : { from, to };
}

function readEntry(fields: FieldReader): Entry {
  return { created: fields.number(), content: fields.text() };
}

function readStream(fields: FieldReader): Required<StreamInfo> {
  return {
    name: fields.text(),
    id: fields.text(),
    updated: fields.number(),
    ttl: fields.number(),
    observers: fields.number(),
  };
}

function readPresence(fields: FieldReader): WirePresence {
  const Stream = fields.text();
  const Created = fields.text();
  const Observers = fields.number();
  const More = fields.number();
  return { Stream, Created, Observers, People: readAll(fields, readPerson), More };
}

function readPerson(fields: FieldReader): WirePerson {
  const Status = checkStatus(fields.text());
  return { Name: fields.escaped(), Status };
}

function readProblem(fields: FieldReader): ProblemParts {
  const given = fields.text();
  const code = PROBLEM_CODES.find((known) => known === given) ?? "internal";
  const retryAfter = fields.optionalNumber();
  return { code, retryAfter, detail: fields.escaped() };
}

function readAll<T>(fields: FieldReader, read: (fields: FieldReader) => T): T[] {
  const all: T[] = [];
  while (!fields.isAtEnd) all.push(read(fields));
  return all;
}
