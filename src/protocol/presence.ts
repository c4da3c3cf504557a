import { Problem } from "./problem.ts";

/** What a person who listens says of themselves. */
export type Status = (typeof STATUSES)[number];

/** The liveliest first. */
export const STATUSES = ["typing", "online", "away"] as const;

/** Someone who listens and wants to be seen. Connections of one name are one person, shown as the liveliest of them. */
export interface WirePerson {
  readonly Name: string;
  readonly Status: Status;
}

/** A change of a person who listens; `offline` is gone, or no longer wants to be seen. */
export interface WirePersonChange {
  readonly Name: string;
  readonly Status: Status | "offline";
}

/** Who listens to a stream, on this server: the answer of `GET /presence`. */
export interface WirePresence {
  readonly Stream: string;
  /** Nanoseconds since 1970, on the scale of the messages: events that are later say what changed since. */
  readonly Created: string;
  readonly Observers: number;
  /** In the order in which they came; the first {@link MAX_PEOPLE} of them. */
  readonly People: readonly WirePerson[];
  /** How many more want to be seen. */
  readonly More: number;
}

/** Longest name of a person, in Unicode code points. */
export const MAX_PERSON = 32;

/** People that `GET /presence` lists. */
export const MAX_PEOPLE = 256;

/** Changes that one event tells; of more, only how many. */
export const MAX_CHANGES = 64;

/** Control characters, tab and newline too: a name stands in a line of its own. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * The name of a person: well-formed, trimmed, not blank, one line of at most {@link MAX_PERSON} code points. It proves nothing: anyone may
 * take any name.
 * @throws Problem `bad_person`
 */
export function checkPerson(given: string): string {
  const name = given.trim();
  if (name !== "" && name.isWellFormed() && !CONTROL.test(name) && Array.from(name).length <= MAX_PERSON)
    return name;
  throw new Problem("bad_person", `A name is one line of 1 to ${MAX_PERSON} characters`);
}

/** @throws Problem `bad_parameter` */
export function checkStatus(status: string): Status {
  const found = STATUSES.find((known) => known === status);
  if (found === undefined) throw new Problem("bad_parameter", `A status is one of ${STATUSES.join(", ")}`);
  return found;
}
