import type { Signal } from "@preact/signals";
import type { ComponentChildren, JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { MAX_TEXT } from "../../src/protocol/limits.ts";
import { codePoints } from "../../src/protocol/characters.ts";
import { splitText } from "../text/split.ts";
import { useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { LengthNote } from "./length-note.tsx";

interface MessageBoxProps {
  readonly draft: Signal<string>;
  /** Called with one text, or with the pieces of one that was too long. Returns false to keep the draft. */
  readonly onSend: (texts: readonly string[]) => boolean;
  readonly onInput?: (text: string) => void;
  /** Shown while the field is empty; its label by default. */
  readonly placeholder?: string | undefined;
  /** Shown above the field. */
  readonly children?: ComponentChildren;
  /** Shown before the field, in its row. */
  readonly before?: ComponentChildren;
}

/** Puts the cursor at the end of the draft. */
export function focusDraft(): void {
  const field = document.querySelector<HTMLTextAreaElement>("#draft");
  field?.focus();
  // Setting its value, which happens later, moves the cursor to the end.
  if (field !== null) field.setSelectionRange(field.value.length, field.value.length);
}

/** The message box. Enter sends; Shift+Enter starts a new line. Focused when it appears: give it a key. */
export function MessageBox({
  draft,
  onSend,
  onInput,
  placeholder,
  children,
  before,
}: MessageBoxProps): JSX.Element {
  const language = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  const text = draft.value;
  const over = codePoints(text) - MAX_TEXT;

  useEffect(() => {
    // Focus would open the on-screen keyboard on phones, over the messages that people came to read.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  const send = (texts: readonly string[]): void => {
    if (!onSend(texts)) return;
    draft.value = "";
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
      {children}
      <LengthNote text={text} over={over} onSplit={() => send(splitText(text, MAX_TEXT))} />
      <div class="composer-row">
        {before}
        <textarea
          id="draft"
          ref={field}
          rows={1}
          dir="auto"
          // Otherwise browsers keep the draft on disk to restore it.
          autocomplete="off"
          aria-label={language.t("message")}
          aria-describedby="length-note"
          placeholder={placeholder ?? language.t("message")}
          value={text}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
            onInput?.(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
        <button
          class="send primary"
          aria-label={language.t("send")}
          title={language.t("send")}
          disabled={over > 0}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
