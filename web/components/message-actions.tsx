import type { JSX } from "preact";
import type { MessageEntry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { copyText } from "../text/copy.ts";
import { quoteOf } from "../text/quote.ts";
import { useApp, useLanguage } from "./context.ts";
import { IconButton } from "./icon-button.tsx";
import { focusDraft } from "./message-box.tsx";

interface MessageActionsProps {
  readonly session: StreamSession;
  readonly message: MessageEntry;
}

/** The exact time of the message that is pointed at, and what can be done with it. Not announced, although it is in the log. */
export function MessageActions({ session, message }: MessageActionsProps): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const { text, name, time } = message;
  const canReply = session.parts?.ReadOnly === undefined && !session.over.value;
  const reply = (): void => {
    app.user.draft(session.name).value = quoteOf(text, name) + app.user.draft(session.name).peek();
    focusDraft();
  };
  const copy = async (): Promise<void> => {
    if (await copyText(text)) app.say(language.t("copied"));
  };
  return (
    <div class="message-actions" role="group" aria-label={language.t("messageActions")} aria-live="off">
      <span class="exact-time" aria-hidden="true">
        {language.exactTime(time)}
      </span>
      {canReply && <IconButton icon="reply" label={language.t("reply")} onClick={reply} />}
      <IconButton icon="copy" label={language.t("copy")} onClick={() => void copy()} />
    </div>
  );
}
