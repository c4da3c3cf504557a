import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { MAX_TEXT } from "../../src/protocol/limits.ts";
import { codePoints } from "../../src/protocol/text.ts";
import type { Talk } from "../state/talk.ts";
import { splitText } from "../text/split.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { LengthNote } from "./length-note.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useTyping } from "./use-typing.ts";

/** Where one writes. Enter sends; with Shift it begins a line. */
export function Composer({ talk }: { readonly talk: Talk }): JSX.Element {
  const { me } = useApp();
  const language = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = me.draft(talk.name);
  const typing = useTyping(talk, me);
  const text = draft.value;
  const over = codePoints(text) - MAX_TEXT;

  useEffect(() => {
    // Where it would bring up a keyboard on the screen, writing is not the first thing that one wants.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [talk]);

  const send = (texts: readonly string[]): void => {
    draft.value = "";
    typing.end();
    for (const one of texts) talk.outbox.send(one);
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
      <TypingLine talk={talk} />
      <LengthNote text={text} over={over} onSplit={() => send(splitText(text, MAX_TEXT))} />
      <div class="composer-row">
        <textarea
          id="draft"
          ref={field}
          rows={1}
          dir="auto"
          // Without it, browsers keep what is written here on disk, to restore it.
          autocomplete="off"
          aria-label={language.say("message")}
          aria-describedby="length-note"
          placeholder={language.say("message")}
          value={text}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
            typing.begin(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
        <button class="send primary" aria-label={language.say("send")} disabled={over > 0}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
