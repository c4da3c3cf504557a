import { Problem } from "./problem.ts";

/** The stream of requests without a `stream` parameter. */
export const DEFAULT_STREAM = "_";

/** Stream names consist of the unreserved characters of RFC 3986 §2.3, so they need no escaping in a URL or JSON. */
const NAME = /^[A-Za-z0-9._~-]{1,64}$/;

const PREFIX = /^[A-Za-z0-9._~-]{0,64}$/;

/** Reports whether this is a valid stream name. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

/** Returns the name if it is valid. @throws Problem `bad_name` */
export function checkName(name: string): string {
  if (isName(name)) return name;
  throw new Problem("bad_name", "A stream name must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ -");
}

const DOT = 0x2e;
const TILDE = 0x7e;

/** Reports whether the name of a stream keeps it unlisted. The creator of a stream can keep any other name unlisted, too. */
export function isUnlisted(name: string): boolean {
  const first = name.charCodeAt(0);
  return first === DOT || first === TILDE;
}

/** Reports whether a stream is sealed: its name is the hash of what its readers and writers can prove. */
export function isSealed(name: string): boolean {
  return name.charCodeAt(0) === TILDE;
}

/** Reports whether a valid stream name can begin with this. */
export function isNamePrefix(prefix: string): boolean {
  return PREFIX.test(prefix);
}
