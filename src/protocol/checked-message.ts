import { isSealed } from "./name.ts";
import { checkPerson } from "./presence.ts";
import { Problem } from "./problem.ts";
import { checkTextOf, type CheckedText } from "./text.ts";

/** A message to be published: a checked text, and the name of its sender if there is one. */
export interface CheckedMessage extends CheckedText {
  readonly name?: string;
}

/**
 * Validates a message to a stream. Its sender's name follows the rules of {@link checkPerson}. On a sealed stream there must be none:
 * the server could read it.
 * @throws Problem `bad_person`, and what {@link checkTextOf} throws
 */
export function checkMessage(stream: string, text: string, name?: string): CheckedMessage {
  const checked = checkTextOf(stream, text);
  if (name === undefined) return checked;
  if (!isSealed(stream)) return { ...checked, name: checkPerson(name) };
  throw new Problem(
    "bad_person",
    "On a sealed stream, the sender's name belongs inside the envelope, where the server cannot read it",
  );
}
