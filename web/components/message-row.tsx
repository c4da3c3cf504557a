import type { ComponentChildren, JSX } from "preact";
import type { Language } from "../language/language.ts";
import { MessageText } from "./message-text.tsx";

interface MessageRowProps {
  /** Identifies it to event handlers of the log. */
  readonly id?: string;
  readonly text: string;
  /** Who wrote it. The user's own messages say "you" instead. */
  readonly author: ComponentChildren;
  readonly own: boolean;
  readonly time: Date;
  /** Whether author and time are shown: once in a run of messages. */
  readonly isFirst: boolean;
  /** The state of one's own message that was not delivered yet. */
  readonly sending: string | undefined;
  readonly language: Language;
  /** What else belongs to the message. */
  readonly children?: ComponentChildren;
}

/**
 * A message. Screen readers hear its author and its text; where the author is not shown, too. The time is hidden from them, because it
 * would be announced with each message: the log is described by the time of its newest one.
 */
export function MessageRow({
  id,
  text,
  author,
  own,
  time,
  isFirst,
  sending,
  language,
  children,
}: MessageRowProps): JSX.Element {
  return (
    <li class="message" data-key={id} data-own={own} data-first={isFirst} data-sending={sending}>
      <span class="author">{own ? language.t("you") : author}</span>
      <time aria-hidden="true" dateTime={time.toISOString()} title={language.dateTime(time)}>
        {language.time(time)}
      </time>
      <MessageText text={text} />
      {children}
    </li>
  );
}
