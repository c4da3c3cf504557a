import { codePoints } from "./characters.ts";
import { isEnvelope, MAX_ENVELOPE } from "./envelope.ts";
import { MAX_TEXT } from "./limits.ts";
import { isSealed } from "./name.ts";
import { Problem } from "./problem.ts";

/** A text that passed {@link checkText}, and the same text escaped as the inside of a JSON string. */
export interface CheckedText {
  readonly text: string;
  readonly escaped: string;
}

/** Control characters (C0, DEL, C1), surrogates, and characters that JSON escapes. Most texts have none. */
const SPECIAL = /["\\\u0000-\u001f\u007f-\u009f\ud800-\udfff]/;

const BLANK: TextFault = { code: "text_missing", detail: "Text is missing or blank" };

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/**
 * Validates the text of a message: well-formed Unicode, not blank, no control character except tab and newline, at most
 * {@link MAX_TEXT} code points. CR LF, which HTML forms send for a newline, becomes a newline. Never truncates.
 * @throws Problem `text_missing`, `text_malformed`, `text_control`, `text_too_long`
 */
export function checkText(given: string): CheckedText {
  if (given.length <= MAX_TEXT && !SPECIAL.test(given)) {
    if (isBlank(given)) throw new Problem(BLANK.code, BLANK.detail);
    return { text: given, escaped: given };
  }
  const text = normalizeText(given);
  const fault = faultOf(text);
  if (fault !== undefined) throw new Problem(fault.code, fault.detail);
  return { text, escaped: JSON.stringify(text).slice(1, -1) };
}

/** Returns the text as it is stored. */
export function normalizeText(given: string): string {
  return given.includes("\r\n") ? given.replaceAll("\r\n", "\n") : given;
}

/** Why a text is refused. */
export interface TextFault {
  readonly code: "text_missing" | "text_malformed" | "text_control" | "text_too_long";
  readonly detail: string;
}

/** Returns why {@link checkText} refuses a normalized text; undefined if it does not. */
export function faultOf(text: string): TextFault | undefined {
  if (isBlank(text)) return BLANK;
  if (!text.isWellFormed()) return { code: "text_malformed", detail: "Text contains a lone surrogate" };
  if (CONTROL.test(text)) {
    return {
      code: "text_control",
      detail: "Text contains a control character other than tab and newline",
    };
  }
  const length = codePoints(text);
  if (length <= MAX_TEXT) return undefined;
  return { code: "text_too_long", detail: `Text has ${length} characters; the limit is ${MAX_TEXT}` };
}

/**
 * Validates the text of a message to a stream: an envelope if the stream is sealed, otherwise as {@link checkText} does.
 * @throws Problem `envelope_required`, and what `checkText` throws
 */
export function checkTextOf(stream: string, given: string): CheckedText {
  if (!isSealed(stream)) return checkText(given);
  if (isEnvelope(given)) return { text: given, escaped: given };
  throw new Problem(
    "envelope_required",
    `A sealed stream takes only envelopes: ~1. followed by base64url, at most ${MAX_ENVELOPE} characters in all`,
  );
}

function isBlank(text: string): boolean {
  return (
    text.length === 0 || ((text.charCodeAt(0) <= 0x20 || text.charCodeAt(0) > 0x7f) && text.trim() === "")
  );
}
