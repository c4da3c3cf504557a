import type { JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { Entry, GapEntry, Pending } from "../state/entry.ts";
import type { Talk } from "../state/talk.ts";
import { Delivery } from "./delivery.tsx";
import { LinkedText } from "./linked-text.tsx";

interface LogLineProps {
  readonly talk: Talk;
  readonly line: Entry | Pending;
  readonly language: Language;
}

/**
 * A line of the log. A message of one's own is the same element from the moment of sending on, so that it is neither drawn nor said
 * a second time when it comes.
 */
export function LogLine({ talk, line, language }: LogLineProps): JSX.Element {
  switch (line.kind) {
    case "gap":
      return <li class="event gap">{gapWords(line, language)}</li>;
    case "ended":
      return (
        <li class="event ended">{language.say(line.reason === "owner" ? "endedOwner" : "endedIdle")}</li>
      );
    default:
      return (
        <li
          class="message"
          data-mine={line.kind === "pending" || line.mine}
          data-sending={line.kind === "pending" ? line.state.kind : undefined}
        >
          <p dir="auto">
            <LinkedText text={line.text} />
          </p>
          {line.kind === "pending" ? (
            <Delivery talk={talk} pending={line} />
          ) : (
            <Time time={line.time} language={language} />
          )}
        </li>
      );
  }
}

/** Not said aloud with each message: the log is described by the time of its newest. */
function Time({ time, language }: { readonly time: Date; readonly language: Language }): JSX.Element {
  const isToday = time.toDateString() === new Date().toDateString();
  return (
    <time aria-hidden="true" dateTime={time.toISOString()} title={language.moment(time)}>
      {isToday ? language.time(time) : language.moment(time)}
    </time>
  );
}

function gapWords({ from, to }: GapEntry, language: Language): string {
  if (from === undefined) return language.say("gap");
  return language.say("gapBetween", { from: language.time(from), to: language.time(to) });
}
