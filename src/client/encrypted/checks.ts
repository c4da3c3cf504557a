import { EncryptionError } from "../../crypto/error.ts";
import { checkPerson } from "../../protocol/presence.ts";
import { Problem } from "../../protocol/problem.ts";
import { checkText } from "../../protocol/text.ts";
import { MaltenError } from "../index.ts";

/** Longest sealed name of a listener, in code points. */
const MAX_SEALED_PERSON = 256;

/** Converts what encryption or a check threw to an error of the SDK. */
export function errorOf(thrown: unknown): unknown {
  if (thrown instanceof EncryptionError) return new MaltenError(thrown.code, thrown.message);
  return thrown instanceof Problem ? new MaltenError(thrown.code, thrown.detail) : thrown;
}

/** Returns the result. @throws MaltenError instead of other errors */
function withMaltenErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw errorOf(thrown);
  }
}

/** Resolves as the promise does, and rejects with the errors of the SDK. */
export function converted<T>(promise: Promise<T>): Promise<T> {
  return promise.catch((thrown: unknown) => {
    throw errorOf(thrown);
  });
}

/** Returns the text as it is received. @throws MaltenError if a server would refuse it on a plain stream: here, no server can */
export function checkedText(text: string): string {
  return withMaltenErrors(() => checkText(text).text);
}

/** Returns the trimmed name of a sender. @throws MaltenError `bad_person` unless it is one line of 1 to 32 characters */
export function checkedName(name: string): string {
  return withMaltenErrors(() => checkPerson(name));
}

/** Returns the trimmed name of a listener. @throws MaltenError `bad_person` unless it is one line of 1 to 256 characters */
export function checkedPresenceName(name: string): string {
  return withMaltenErrors(() => checkPerson(name, MAX_SEALED_PERSON));
}

/** Whether the text is one that {@link checkedText} returns. */
export function isText(text: string): boolean {
  return isResultOf(checkedText, text);
}

/** Whether the name is one that {@link checkedName} returns. */
export function isName(name: string): boolean {
  return isResultOf(checkedName, name);
}

/** Whether the name is one that {@link checkedPresenceName} returns. */
export function isPresenceName(name: string): boolean {
  return isResultOf(checkedPresenceName, name);
}

function isResultOf(check: (given: string) => string, given: string): boolean {
  try {
    return check(given) === given;
  } catch {
    return false;
  }
}
