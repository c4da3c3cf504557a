import type { JSX } from "preact";
import { useLanguage } from "./context.ts";
import { focusDraft } from "./message-box.tsx";
import type { NameInput } from "./use-name.ts";

/** Asks for a name while the first message is written. Left empty, it is not asked for again. */
export function NamePrompt({ input }: { readonly input: NameInput }): JSX.Element {
  const language = useLanguage();
  const { name, isInvalid, onInput } = input;
  return (
    <div class="name-prompt">
      <label for="prompted-name">{language.t("name")}</label>
      <input
        id="prompted-name"
        value={name}
        dir="auto"
        placeholder={language.t("nameOptional")}
        autocomplete="nickname"
        aria-invalid={isInvalid}
        aria-describedby="name-note"
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Not the form's: the message is not finished.
          if (event.key !== "Enter" || event.isComposing) return;
          event.preventDefault();
          focusDraft();
        }}
      />
      <small id="name-note" role={isInvalid ? "alert" : undefined} class={isInvalid ? "warn" : undefined}>
        {language.t(isInvalid ? "error_bad_person" : "nameNote")}
      </small>
    </div>
  );
}
