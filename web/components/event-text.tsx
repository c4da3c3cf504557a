import type { JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { Entry, GapEntry, MessageEntry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";

interface EventTextProps {
  readonly session: StreamSession;
  readonly line: Exclude<Entry, MessageEntry>;
  readonly language: Language;
}

/** What happened to the stream between two messages. */
export function EventText({ session, line, language }: EventTextProps): JSX.Element {
  const Note = session.parts?.Note;
  switch (line.kind) {
    case "warning":
      return <>{Note !== undefined && <Note entry={line} />}</>;
    case "gap":
      return <>{gapText(line, language)}</>;
    case "ended":
      return <>{language.t(line.reason === "owner" ? "endedOwner" : "endedIdle")}</>;
  }
}

export function gapText({ from, to }: GapEntry, language: Language): string {
  if (from === undefined) return language.t("gap");
  return language.t("gapBetween", { from: language.time(from), to: language.time(to) });
}
