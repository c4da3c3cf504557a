import type { JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { Entry, GapEntry, PendingMessage } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { Delivery } from "./delivery.tsx";
import { LinkedText } from "./linked-text.tsx";

interface LogLineProps {
  readonly session: StreamSession;
  readonly line: Entry | PendingMessage;
  readonly language: Language;
}

/**
 * A line of the log. The user's own message keeps its element from sending on, so it is not drawn or announced again when it is
 * delivered.
 */
export function LogLine({ session, line, language }: LogLineProps): JSX.Element {
  const Note = session.parts?.Note;
  switch (line.kind) {
    case "warning":
      return <li class="event gap">{Note !== undefined && <Note entry={line} />}</li>;
    case "gap":
      return <li class="event gap">{gapText(line, language)}</li>;
    case "ended":
      return <li class="event ended">{language.t(line.reason === "owner" ? "endedOwner" : "endedIdle")}</li>;
    default:
      return (
        <li
          class="message"
          data-own={line.kind === "pending" || line.own}
          data-sending={line.kind === "pending" ? line.state.kind : undefined}
        >
          {Note !== undefined && line.kind === "message" && <Note entry={line} />}
          <p dir="auto">
            <LinkedText text={line.text} />
          </p>
          {line.kind === "pending" ? (
            <Delivery session={session} pending={line} />
          ) : (
            <Time time={line.time} language={language} />
          )}
        </li>
      );
  }
}

/** Hidden from screen readers, which would announce it with each message: the log is described by the time of its newest one. */
function Time({ time, language }: { readonly time: Date; readonly language: Language }): JSX.Element {
  const isToday = time.toDateString() === new Date().toDateString();
  return (
    <time aria-hidden="true" dateTime={time.toISOString()} title={language.dateTime(time)}>
      {isToday ? language.time(time) : language.dateTime(time)}
    </time>
  );
}

function gapText({ from, to }: GapEntry, language: Language): string {
  if (from === undefined) return language.t("gap");
  return language.t("gapBetween", { from: language.time(from), to: language.time(to) });
}
