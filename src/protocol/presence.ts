import { isEnvelope } from "./envelope.ts";
import { isSealed } from "./name.ts";
import { Problem } from "./problem.ts";

/** Status of a listener. */
export type Status = (typeof STATUSES)[number];

/** Most active first. */
export const STATUSES = ["typing", "online", "away"] as const;

/** A listener who gave a name. Connections with the same name are one person, shown with the most active status. */
export interface WirePerson {
  readonly Name: string;
  readonly Status: Status;
}

/** A change of presence; `offline` means disconnected or anonymous again. */
export interface WirePersonChange {
  readonly Name: string;
  readonly Status: Status | "offline";
}

/** The answer of `GET /presence`: the listeners of a stream on this server. */
export interface WirePresence {
  readonly Stream: string;
  /** Nanoseconds since 1970: presence events with a later `Created` are changes since. */
  readonly Created: string;
  readonly Observers: number;
  /** The first {@link MAX_PEOPLE} in order of arrival. */
  readonly People: readonly WirePerson[];
  /** How many more people there are. */
  readonly More: number;
}

/** Longest name of a person who listens or sends, in Unicode code points. */
export const MAX_PERSON = 32;

/** Longest name of a person on a sealed stream, in characters of an envelope: 256 characters, encrypted, fit in. */
export const MAX_SEALED_PERSON = 1536;

/** People listed by `GET /presence`. */
export const MAX_PEOPLE = 256;

/** Changes listed in one event; further ones are only counted. */
export const MAX_CHANGES = 64;

/** Names of one list and of one event, in UTF-16 code units together. Only the long names of sealed streams reach it. */
export const MAX_NAMES = { list: 65_536, event: 16_384 };

/** Control characters, including tab and newline: a name is one line. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** A character that is seen by itself: no space, format character, filler or mark. Braille's blank is a symbol to Unicode. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Returns the trimmed name: well-formed, not blank, one line of at most {@link MAX_PERSON} code points. A name proves nothing:
 * anyone may use any name.
 * @throws Problem `bad_person`
 */
export function checkPerson(given: string): string {
  const name = given.trim();
  if (isPerson(name, MAX_PERSON)) return name;
  throw new Problem("bad_person", `A name must be one line of 1 to ${MAX_PERSON} characters`);
}

/** Whether a trimmed name is well-formed, not blank, and one line of at most `most` code points. */
export function isPerson(name: string, most: number): boolean {
  return VISIBLE.test(name) && name.isWellFormed() && !CONTROL.test(name) && Array.from(name).length <= most;
}

/**
 * Returns the name of a person on a stream: an envelope if the stream is sealed, otherwise as {@link checkPerson} does.
 * @throws Problem `bad_person`
 */
export function checkPersonOf(stream: string, given: string): string {
  if (!isSealed(stream)) return checkPerson(given);
  if (given.length <= MAX_SEALED_PERSON && isEnvelope(given)) return given;
  throw new Problem(
    "bad_person",
    `On a sealed stream, a name must be an envelope of at most ${MAX_SEALED_PERSON} characters`,
  );
}

/** @throws Problem `bad_parameter` */
export function checkStatus(status: string): Status {
  const found = STATUSES.find((known) => known === status);
  if (found === undefined) throw new Problem("bad_parameter", `status must be one of ${STATUSES.join(", ")}`);
  return found;
}
