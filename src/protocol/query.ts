import {
  EARLIEST,
  FOREIGN,
  parseCursorAfter,
  parseCursorBefore,
  splitCursor,
  type Cursor,
} from "./cursor.ts";
import { DEFAULT_PAGE, MAX_LISTED, MAX_MESSAGES, MAX_TTL, MAX_WAIT } from "./limits.ts";
import { checkName, DEFAULT_STREAM, isNamePrefix } from "./name.ts";
import { checkPersonOf, checkStatus, type WirePerson } from "./presence.ts";
import { Problem } from "./problem.ts";
import { LEAST_UNIQUE_REF, MAX_REF, uniqueRef } from "./socket.ts";

/** The parameters of a request, each at most once, from the query or the body. */
export interface Parameters {
  get(name: string): string | undefined;
}

/** Which messages of a stream a page contains. */
export type PageQuery =
  /** The newest `limit`, in the order given. */
  | { readonly kind: "newest"; readonly order: "oldest first" | "newest first"; readonly limit: number }
  /** The first `limit` after a cursor, oldest first. */
  | { readonly kind: "after"; readonly cursor: Cursor; readonly limit: number }
  /** The `limit` just before a cursor, newest first. */
  | { readonly kind: "before"; readonly cursor: Cursor; readonly limit: number }
  /** The message with this id. */
  | { readonly kind: "one"; readonly id: string };

/** Reads `stream`, or returns the default stream. @throws Problem `bad_name` */
export function readStream(parameters: Parameters): string {
  return checkName(parameters.get("stream") ?? DEFAULT_STREAM);
}

/**
 * Reads `limit`, `direction`, `last` and `id` of `GET /messages`. A `last` that a server other than `server` numbered becomes
 * {@link FOREIGN}.
 * @throws Problem `bad_parameter`
 */
export function readPageQuery(parameters: Parameters, server: string): PageQuery {
  const id = parameters.get("id");
  if (id !== undefined) return { kind: "one", id };
  const limit = readInteger(parameters, "limit", 1, MAX_MESSAGES) ?? DEFAULT_PAGE;
  const direction = parameters.get("direction") ?? "1";
  if (direction !== "1" && direction !== "-1") throw bad("direction", "1 or -1");
  const last = parameters.get("last") ?? "0";
  const parse = direction === "1" ? parseCursorAfter : parseCursorBefore;
  const cursor = readCursor(last, server, parse);
  if (cursor === undefined) throw badCursor("last");
  // For clients of the original server, a bare 0 means the newest page; a full cursor always means the messages after it.
  if (Number(last) === 0) {
    return { kind: "newest", order: direction === "1" ? "oldest first" : "newest first", limit };
  }
  return { kind: direction === "1" ? "after" : "before", cursor, limit };
}

/** Reads `wait`: how long a poll waits for a message, in seconds; 0 if absent. @throws Problem `bad_parameter` */
export function readWait(parameters: Parameters): number {
  return readInteger(parameters, "wait", 0, MAX_WAIT) ?? 0;
}

/**
 * Reads where a listener resumes: after a cursor, or from `earliest`. Undefined means live only. A cursor that a server other
 * than `server` numbered becomes {@link FOREIGN}.
 * @throws Problem `bad_parameter`
 */
export function readResume(value: string | undefined, server: string, name = "last"): Cursor | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "earliest") return EARLIEST;
  const cursor = readCursor(value, server, parseCursorAfter);
  if (cursor === undefined) throw badCursor(name, " or earliest");
  return cursor;
}

/** Reads `ref` of `POST /messages`, which identifies the message when it is sent again. @throws Problem `bad_parameter` */
export function readRef(parameters: Parameters): string | undefined {
  const ref = parameters.get("ref");
  if (ref === undefined) return undefined;
  if (ref.length <= MAX_REF && uniqueRef(ref) !== undefined) return ref;
  throw bad("ref", `a string of ${LEAST_UNIQUE_REF} to ${MAX_REF} characters`);
}

/**
 * Reads `name` and `status` of a listener of a stream; undefined if the listener is anonymous.
 * @throws Problem `bad_person`, `bad_parameter`
 */
export function readPerson(parameters: Parameters, stream: string): WirePerson | undefined {
  const name = parameters.get("name");
  const status = parameters.get("status");
  if (name !== undefined)
    return { Name: checkPersonOf(stream, name), Status: checkStatus(status ?? "online") };
  if (status === undefined) return undefined;
  throw new Problem("bad_parameter", "status requires name");
}

/** Reads `subscribe` of `GET /events`: whether the connection begins with a subscription. @throws Problem `bad_parameter` */
export function readSubscribe(parameters: Parameters): boolean {
  return readBoolean(parameters, "subscribe") ?? true;
}

/** Reads `private` and `ttl` (seconds) of `POST /streams`. @throws Problem `bad_parameter` */
export function readStreamOptions(parameters: Parameters): { private: boolean; ttl: number | undefined } {
  return {
    private: readBoolean(parameters, "private") ?? false,
    ttl: readInteger(parameters, "ttl", 1, MAX_TTL),
  };
}

/** Reads `limit` and `q` of `GET /streams`. @throws Problem `bad_parameter` */
export function readListQuery(parameters: Parameters): { limit: number; prefix: string } {
  const prefix = parameters.get("q") ?? "";
  if (!isNamePrefix(prefix)) throw bad("q", "a prefix of a stream name");
  return { limit: readInteger(parameters, "limit", 1, MAX_LISTED) ?? MAX_LISTED, prefix };
}

function readCursor(
  value: string,
  server: string,
  parse: (ns: string) => Cursor | undefined,
): Cursor | undefined {
  const cursor = splitCursor(value);
  if (cursor === undefined) return undefined;
  return cursor.server === undefined || cursor.server === server ? parse(cursor.ns) : FOREIGN;
}

function readInteger(parameters: Parameters, name: string, least: number, most: number): number | undefined {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw bad(name, `a whole number from ${least} to ${most}`);
}

function readBoolean(parameters: Parameters, name: string): boolean | undefined {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw bad(name, "true, false, 1 or 0");
}

function badCursor(name: string, alternative = ""): Problem {
  return bad(name, `a cursor (nanoseconds since 1970, optionally followed by -<server>)${alternative}`);
}

function bad(name: string, expected: string): Problem {
  return new Problem("bad_parameter", `${name} must be ${expected}`);
}
