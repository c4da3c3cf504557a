import type { WireMessage } from "../protocol/message.ts";
import { MaltenError } from "./error.ts";

const text = /^string /;
const digits = /^string \d{1,20}$/;
const server = /^string \w{1,32}$/;
const number = /^number \d+$/;

/** The type and value of the members that the SDK reads. A name means the same in every answer, frame and event. */
const MEMBERS = new Map(
  Object.entries({
    Id: text,
    Text: text,
    Stream: text,
    Name: text,
    Status: text,
    Reason: text,
    Code: text,
    code: text,
    detail: text,
    stream: text,
    owner: text,
    Server: server,
    server,
    Created: digits,
    From: digits,
    To: digits,
    Expires: digits,
    Cursor: /^string \d{1,20}-\w{1,32}$/,
    Observers: number,
    More: number,
    Count: number,
    Seconds: number,
    RetryAfter: number,
    Updated: number,
    TTL: number,
    ttl: number,
  }),
);

/** Decodes JSON that has these members. @throws MaltenError `bad_response` also if one that the SDK reads has another type */
export function decode<T extends object>(json: string, ...members: readonly (string & keyof T)[]): T {
  return check<T>(parse(json), ...members);
}

/** Decodes an object whose values have these members. Its keys are names that users chose, which may equal those of members. @throws MaltenError `bad_response` */
export function decodeNamed<T extends object>(
  json: string,
  ...members: readonly (string & keyof T)[]
): (readonly [name: string, value: T])[] {
  const named = parse(json);
  if (!(named instanceof Object)) throw notMalten();
  return Object.entries(named).map(([name, value]) => [name, check<T>(value, ...members)] as const);
}

/** Checks a value like {@link decode}. @throws MaltenError `bad_response` */
export function check<T extends object>(value: unknown, ...members: readonly (string & keyof T)[]): T {
  if (isValid(value, members)) return value;
  throw notMalten();
}

/** Checks a list of such values. @throws MaltenError `bad_response` */
export function checkAll<T extends object>(list: unknown, ...members: readonly (string & keyof T)[]): T[] {
  if (!Array.isArray(list)) throw notMalten();
  return list.map((value) => check<T>(value, ...members));
}

/** Decodes a page of messages. @throws MaltenError `bad_response` */
export function decodeMessages(json: string): WireMessage[] {
  return checkAll(decode(json), "Id", "Text", "Created", "Stream");
}

/** Returns the server that answered. @throws MaltenError `bad_response` */
export function serverOf(headers: Headers): string {
  return check<{ server: string }>({ server: headers.get("malten-server") }).server;
}

/** Returns the error for a response that no Malten server sends. */
export function notMalten(): MaltenError {
  return new MaltenError("bad_response", "Not a Malten server");
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON: the same as JSON without the members.
    throw notMalten();
  }
}

function isValid<T extends object>(value: unknown, members: readonly (string & keyof T)[]): value is T {
  return (
    value instanceof Object &&
    members.every((name) => name in value) &&
    Object.entries(value).every(
      ([name, member]) => MEMBERS.get(name)?.test(`${typeof member} ${member}`) ?? true,
    )
  );
}
