import type { JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { Entry, GapEntry, MessageEntry } from "../state/entry.ts";
import { LinkedText } from "./linked-text.tsx";

interface EntryItemProps<E extends Entry = Entry> {
  readonly entry: E;
  readonly language: Language;
}

/** A line of the log. */
export function EntryItem({ entry, language }: EntryItemProps): JSX.Element {
  switch (entry.kind) {
    case "message":
      return <MessageItem entry={entry} language={language} />;
    case "gap":
      return <li class="event gap">{gapWords(entry, language)}</li>;
    case "ended":
      return (
        <li class="event ended">{language.say(entry.reason === "owner" ? "endedOwner" : "endedIdle")}</li>
      );
  }
}

function MessageItem({ entry, language }: EntryItemProps<MessageEntry>): JSX.Element {
  const { time, text, mine } = entry;
  const isToday = time.toDateString() === new Date().toDateString();
  return (
    <li class="message" data-mine={mine}>
      <p dir="auto">
        <LinkedText text={text} />
      </p>
      {/* Not said aloud with each message: the log is described by the time of its newest. */}
      <time aria-hidden="true" dateTime={time.toISOString()} title={language.moment(time)}>
        {isToday ? language.time(time) : language.moment(time)}
      </time>
    </li>
  );
}

function gapWords({ from, to }: GapEntry, language: Language): string {
  if (from === undefined) return language.say("gap");
  return language.say("gapBetween", { from: language.time(from), to: language.time(to) });
}
