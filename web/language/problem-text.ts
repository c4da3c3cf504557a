import type { Key } from "./dictionary.ts";
import type { Language } from "./language.ts";

/** Errors with a translation. */
const KNOWN = {
  unreachable: "error_unreachable",
  timeout: "error_timeout",
  uncertain: "error_uncertain",
  memory_full: "error_memory_full",
  shutting_down: "error_shutting_down",
  rate_limited: "error_rate_limited",
  quota_exceeded: "error_quota_exceeded",
  too_busy: "error_too_busy",
  unavailable: "error_unavailable",
  too_many_connections: "error_too_many_connections",
  text_too_long: "error_text_too_long",
  text_control: "error_text_control",
  text_malformed: "error_text_malformed",
  stream_exists: "error_stream_exists",
  bad_name: "error_bad_name",
  bad_person: "error_bad_person",
} as const satisfies Record<string, Key>;

/** Returns the text for an error: translated if its code is known, otherwise the server's. */
export function problemText(language: Language, code: string, reason: string): string {
  const known: Readonly<Record<string, Key>> = KNOWN;
  const key = known[code];
  return key === undefined ? language.t("error_other", { reason }) : language.t(key);
}
