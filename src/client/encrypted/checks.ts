import { EncryptionError } from "../../crypto/error.ts";
import { isPerson, MAX_PERSON } from "../../protocol/presence.ts";
import { faultOf, normalizeText } from "../../protocol/text.ts";
import { MaltenError } from "../index.ts";

/** Longest sealed name of a listener, in code points. */
export const MAX_PRESENCE_NAME = 256;

/** Converts what encryption threw to an error of the SDK. */
export function errorOf(thrown: unknown): unknown {
  return thrown instanceof EncryptionError ? new MaltenError(thrown.code, thrown.message) : thrown;
}

/** Resolves as the promise does, and rejects with the errors of the SDK. */
export function converted<T>(promise: Promise<T>): Promise<T> {
  return promise.catch((thrown: unknown) => {
    throw errorOf(thrown);
  });
}

/** Returns the text as it is received. @throws MaltenError if a server would refuse it on a plain stream: here, no server can */
export function checkedText(given: string): string {
  const text = normalizeText(given);
  const fault = faultOf(text);
  if (fault) throw new MaltenError(fault.code, fault.detail);
  return text;
}

/** Whether the text is one that {@link checkedText} returns. */
export function isText(text: string): boolean {
  return normalizeText(text) === text && !faultOf(text);
}

/** Returns the trimmed name. @throws MaltenError `bad_person` unless it is one line of 1 to `most` characters */
export function checkedName(given: string, most = MAX_PERSON): string {
  const name = given.trim();
  if (isPerson(name, most)) return name;
  throw new MaltenError("bad_person", `A name must be one line of 1 to ${most} characters`);
}

/** Whether the name is one that {@link checkedName} returns. */
export function isName(name: string, most = MAX_PERSON): boolean {
  return name.trim() === name && isPerson(name, most);
}
