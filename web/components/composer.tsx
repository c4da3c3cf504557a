import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { MAX_TEXT } from "../../src/protocol/limits.ts";
import { codePoints } from "../../src/protocol/text.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { splitText } from "../text/split.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { LengthNote } from "./length-note.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useTyping } from "./use-typing.ts";

/** The message box. Enter sends; Shift+Enter starts a new line. */
export function Composer({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = user.draft(session.name);
  const typing = useTyping(session, user);
  const text = draft.value;
  const over = codePoints(text) - MAX_TEXT;

  useEffect(() => {
    // Focus would open the on-screen keyboard on phones, over the messages that people came to read.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [session]);

  const send = (texts: readonly string[]): void => {
    draft.value = "";
    typing.end();
    for (const one of texts) session.outgoing.send(one);
    field.current?.focus();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (over <= 0 && text.trim() !== "") send([text]);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };

  return (
    <form class="composer" onSubmit={submit}>
      <TypingLine session={session} />
      <LengthNote text={text} over={over} onSplit={() => send(splitText(text, MAX_TEXT))} />
      <div class="composer-row">
        <textarea
          id="draft"
          ref={field}
          rows={1}
          dir="auto"
          // Otherwise browsers keep the draft on disk to restore it.
          autocomplete="off"
          aria-label={language.t("message")}
          aria-describedby="length-note"
          placeholder={language.t("message")}
          value={text}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
            typing.begin(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
        <button class="send primary" aria-label={language.t("send")} disabled={over > 0}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
