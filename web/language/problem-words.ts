import type { Key } from "./dictionary.ts";
import type { Language } from "./language.ts";

/** The errors that a reader is told of in their language. */
const KNOWN = {
  unreachable: "error_unreachable",
  timeout: "error_timeout",
  uncertain: "error_uncertain",
  memory_full: "error_memory_full",
  shutting_down: "error_shutting_down",
  rate_limited: "error_rate_limited",
  text_too_long: "error_text_too_long",
  text_control: "error_text_control",
  text_malformed: "error_text_malformed",
  stream_exists: "error_stream_exists",
  bad_name: "error_bad_name",
  bad_person: "error_bad_person",
} as const satisfies Record<string, Key>;

/** Says what went wrong; of an error that has no words here, what the server said of it. */
export function problemWords(language: Language, code: string, reason: string): string {
  const known: Readonly<Record<string, Key>> = KNOWN;
  const key = known[code];
  return key === undefined ? language.say("error_other", { reason }) : language.say(key);
}
