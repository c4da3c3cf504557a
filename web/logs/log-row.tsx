import { Component, type JSX } from "preact";
import { Delivery } from "../components/delivery.tsx";
import { EventText } from "../components/event-text.tsx";
import { PersonName } from "../components/person-name.tsx";
import type { Language } from "../language/language.ts";
import type { Entry, MessageEntry, PendingMessage } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { withoutAnsi } from "./ansi.ts";
import { JsonTree } from "./json-tree.tsx";
import { lineOf, shortForm } from "./line.ts";
import type { LogRecord } from "./record.ts";
import { RowActions } from "./row-actions.tsx";
import { shallowEqual } from "./shallow-equal.ts";
import { StyledPieces } from "./styled-text.tsx";
import { texts } from "./texts.ts";

interface LogRowProps {
  readonly session: StreamSession;
  readonly entry: Entry;
  readonly language: Language;
  /** Whether the filter lets it through. */
  readonly isShown: boolean;
  /** Whether its author is shown. */
  readonly isFirst: boolean;
  readonly isExpanded: boolean;
  /** Whether it is pointed at. */
  readonly isActive: boolean;
  readonly onToggle: (key: string) => void;
}

/** A message in the view of logs, or an event between two. Drawn again only if its properties change: there are a thousand. */
export class LogRow extends Component<LogRowProps> {
  override shouldComponentUpdate(next: LogRowProps): boolean {
    return !shallowEqual(this.props, next);
  }

  override render({ session, entry, language, isShown, ...rest }: LogRowProps): JSX.Element {
    if (entry.kind !== "message") {
      return (
        <div role="listitem" class={`event ${entry.kind === "ended" ? "ended" : "gap"}`}>
          <EventText session={session} line={entry} language={language} />
        </div>
      );
    }
    const { level, isTall } = lineOf(entry);
    return (
      <div
        role="listitem"
        class="line"
        data-key={entry.key}
        data-level={level}
        data-tall={isTall || undefined}
        data-active={rest.isActive || undefined}
        hidden={!isShown}
      >
        <MessageLine session={session} entry={entry} language={language} {...rest} />
      </div>
    );
  }
}

type MessageLineProps = Omit<LogRowProps, "entry" | "isShown"> & { readonly entry: MessageEntry };

/** What is in the line of a message: not drawn again when a filter hides it. */
class MessageLine extends Component<MessageLineProps> {
  override shouldComponentUpdate(next: MessageLineProps): boolean {
    return !shallowEqual(this.props, next);
  }

  override render(props: MessageLineProps): JSX.Element {
    const { session, entry, language, isFirst, isExpanded, isActive, onToggle } = props;
    const { key, text, time, name } = entry;
    const { record, pieces } = lineOf(entry);
    const Note = session.parts?.Note;
    return (
      <>
        <time aria-hidden="true" dateTime={time.toISOString()} title={language.dateTime(time)}>
          {clockTime(time)}
        </time>
        {isFirst && (
          <span class="line-author">
            {name !== undefined && <PersonName name={name} />}
            {Note !== undefined && <Note entry={entry} />}
          </span>
        )}
        {record !== undefined && (
          <button
            type="button"
            class="fold"
            tabIndex={-1}
            aria-label={texts().t("members")}
            aria-expanded={isExpanded}
            onClick={() => onToggle(key)}
          />
        )}
        <div class="line-text" dir="ltr">
          {record === undefined ? (
            <StyledPieces pieces={pieces} isActive={isActive} />
          ) : (
            <Summary record={record} pieces={<StyledPieces pieces={pieces} isActive={isActive} />} />
          )}
          {record !== undefined && isExpanded && (
            <div class="json">
              <JsonTree value={record.whole} />
            </div>
          )}
        </div>
        {isActive && <RowActions text={text} />}
      </>
    );
  }
}

/** A record on one line. */
function Summary({
  record,
  pieces,
}: {
  readonly record: LogRecord;
  readonly pieces: JSX.Element;
}): JSX.Element {
  const { level, message, rest } = record;
  return (
    <>
      {level !== undefined && <span class="level">{level.toUpperCase()}</span>}
      {/* Spaces, where lines are broken. */}
      {message !== undefined && (
        <>
          {" "}
          <span class="record-message">{pieces}</span>
        </>
      )}
      {rest.map(({ name, value }) => (
        <>
          {" "}
          <span class="json-name">{withoutAnsi(name)}=</span>
          {withoutAnsi(shortForm(value))}
        </>
      ))}
    </>
  );
}

interface PendingRowProps {
  readonly session: StreamSession;
  readonly pending: PendingMessage;
}

/** A message of the user's own that is not in the log yet. */
export function PendingRow({ session, pending }: PendingRowProps): JSX.Element {
  return (
    <div role="listitem" class="line pending" data-sending={pending.state.kind}>
      <div class="line-text" dir="auto">
        {pending.text}
      </div>
      <Delivery session={session} pending={pending} />
    </div>
  );
}

/** The time of day to the second, the same width in every language. */
function clockTime(time: Date): string {
  return time.toTimeString().slice(0, 8);
}
