import { DEFAULT_STREAM } from "../../src/protocol/name.ts";
import type { Language } from "../language/language.ts";

/** What a stream is called on the page: its name, except for the one that everybody shares. */
export function streamTitle(language: Language, name: string): string {
  return name === DEFAULT_STREAM ? language.t("commonRoom") : name;
}
