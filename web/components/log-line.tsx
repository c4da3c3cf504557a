import { useComputed, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { Entry, MessageEntry, PendingMessage } from "../state/entry.ts";
import type { SessionParts, StreamSession } from "../state/stream-session.ts";
import { Delivery } from "./delivery.tsx";
import { EventText } from "./event-text.tsx";
import { MessageActions } from "./message-actions.tsx";
import { MessageRow } from "./message-row.tsx";
import { PersonName } from "./person-name.tsx";

interface LogLineProps {
  readonly session: StreamSession;
  readonly line: Entry | PendingMessage;
  readonly isFirst: boolean;
  /** The key of the line that is pointed at. */
  readonly active: Signal<string | undefined>;
  readonly language: Language;
}

/**
 * A line of the log. The user's own message keeps its element from sending on, so it is not drawn or announced again when it is
 * delivered. Drawn again only if its own properties change: components that use a computed signal are.
 */
export function LogLine({ session, line, isFirst, active, language }: LogLineProps): JSX.Element {
  const isActive = useComputed(() => active.value === line.key).value;
  switch (line.kind) {
    case "warning":
    case "gap":
    case "ended":
      return (
        <li class={line.kind === "ended" ? "event ended" : "event gap"}>
          <EventText session={session} line={line} language={language} />
        </li>
      );
    default: {
      const isPending = line.kind === "pending";
      return (
        <MessageRow
          id={line.key}
          text={line.text}
          author={<Author line={line} Note={session.parts?.Note} language={language} />}
          own={isPending || line.own}
          time={line.time}
          isFirst={isFirst}
          sending={isPending ? line.state.kind : undefined}
          language={language}
        >
          {isPending && <Delivery session={session} pending={line} />}
          {isActive && !isPending && <MessageActions session={session} message={line} />}
        </MessageRow>
      );
    }
  }
}

interface AuthorProps {
  readonly line: MessageEntry | PendingMessage;
  readonly Note: SessionParts["Note"] | undefined;
  readonly language: Language;
}

/** The name that an author gave, and what else is known of them. */
function Author({ line, Note, language }: AuthorProps): JSX.Element {
  return (
    <>
      {line.name === undefined ? <i>{language.t("unnamed")}</i> : <PersonName name={line.name} />}
      {Note !== undefined && line.kind === "message" && <Note entry={line} />}
    </>
  );
}
