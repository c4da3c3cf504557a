import { EARLIEST, parseCursorAfter, parseCursorBefore, type Cursor } from "./cursor.ts";
import { DEFAULT_PAGE, MAX_LISTED, MAX_MESSAGES, MAX_TTL, MAX_WAIT } from "./limits.ts";
import { checkName, DEFAULT_STREAM, isNamePrefix } from "./name.ts";
import { checkPerson, checkStatus, type WirePerson } from "./presence.ts";
import { Problem } from "./problem.ts";
import { LEAST_UNIQUE_REF, MAX_REF, uniqueRef } from "./socket.ts";

/** The parameters of a request, each at most once. What a parameter may be is read here; where it stood is the server's business. */
export interface Parameters {
  get(name: string): string | undefined;
}

/** Which messages of a stream a reader asks for. */
export type PageQuery =
  /** The newest `limit`, in the order given. */
  | { readonly kind: "newest"; readonly order: "oldest first" | "newest first"; readonly limit: number }
  /** The first `limit` after a cursor, oldest first. */
  | { readonly kind: "after"; readonly cursor: Cursor; readonly limit: number }
  /** The `limit` just before a cursor, newest first. */
  | { readonly kind: "before"; readonly cursor: Cursor; readonly limit: number }
  /** The one message of this id. */
  | { readonly kind: "one"; readonly id: string };

/** The stream that a request is about. @throws Problem `bad_name` */
export function readStream(parameters: Parameters): string {
  return checkName(parameters.get("stream") ?? DEFAULT_STREAM);
}

/** `limit`, `direction`, `last` and `id` of `GET /messages`. @throws Problem `bad_parameter` */
export function readPageQuery(parameters: Parameters): PageQuery {
  const id = parameters.get("id");
  if (id !== undefined) return { kind: "one", id };
  const limit = readInteger(parameters, "limit", 1, MAX_MESSAGES) ?? DEFAULT_PAGE;
  const direction = parameters.get("direction") ?? "1";
  if (direction !== "1" && direction !== "-1") throw bad("direction", "1 or -1");
  const last = parameters.get("last") ?? "0";
  const cursor = direction === "1" ? parseCursorAfter(last) : parseCursorBefore(last);
  if (cursor === undefined) throw badCursor("last");
  if (Number(last) === 0) {
    return { kind: "newest", order: direction === "1" ? "oldest first" : "newest first", limit };
  }
  return { kind: direction === "1" ? "after" : "before", cursor, limit };
}

/** How long a reader would wait for a message, in seconds; 0 is not at all. @throws Problem `bad_parameter` */
export function readWait(parameters: Parameters): number {
  return readInteger(parameters, "wait", 0, MAX_WAIT) ?? 0;
}

/**
 * Where a live reader resumes: after the message of this `Created`, or from `earliest`. Undefined is from now on.
 * @throws Problem `bad_parameter`
 */
export function readResume(value: string | undefined, name = "last"): Cursor | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "earliest") return EARLIEST;
  const cursor = parseCursorAfter(value);
  if (cursor === undefined) throw badCursor(name, " or earliest");
  return cursor;
}

/** `ref` of `POST /messages`: what tells the message from all others. @throws Problem `bad_parameter` */
export function readRef(parameters: Parameters): string | undefined {
  const ref = parameters.get("ref");
  if (ref === undefined) return undefined;
  if (ref.length <= MAX_REF && uniqueRef(ref) !== undefined) return ref;
  throw bad("ref", `a string of ${LEAST_UNIQUE_REF} to ${MAX_REF} characters`);
}

/** `name` and `status` of `GET /events`: who listens; undefined is nobody who is seen. @throws Problem `bad_person`, `bad_parameter` */
export function readPerson(parameters: Parameters): WirePerson | undefined {
  const name = parameters.get("name");
  const status = parameters.get("status");
  if (name !== undefined) return { Name: checkPerson(name), Status: checkStatus(status ?? "online") };
  if (status === undefined) return undefined;
  throw bad("status", "of somebody with a name");
}

/** `subscribe` of `GET /events`: whether to listen to the stream from the beginning. @throws Problem `bad_parameter` */
export function readSubscribe(parameters: Parameters): boolean {
  return readBoolean(parameters, "subscribe") ?? true;
}

/** `private` and `ttl` of `POST /streams`. @throws Problem `bad_parameter` */
export function readStreamOptions(parameters: Parameters): { private: boolean; ttl: number | undefined } {
  return {
    private: readBoolean(parameters, "private") ?? false,
    ttl: readInteger(parameters, "ttl", 1, MAX_TTL),
  };
}

/** `limit` and `q` of `GET /streams`. @throws Problem `bad_parameter` */
export function readListQuery(parameters: Parameters): { limit: number; prefix: string } {
  const prefix = parameters.get("q") ?? "";
  if (!isNamePrefix(prefix)) throw bad("q", "the beginning of a stream name");
  return { limit: readInteger(parameters, "limit", 1, MAX_LISTED) ?? MAX_LISTED, prefix };
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
  return bad(name, `a number of nanoseconds since 1970, of at most 20 digits${alternative}`);
}

function bad(name: string, expected: string): Problem {
  return new Problem("bad_parameter", `${name} is ${expected}`);
}
