import type { JSX } from "preact";
import { useLanguage } from "../components/context.ts";
import { useName } from "../components/use-name.ts";
import { Field } from "./field.tsx";

/** The user's name, optional. */
export function NameField(): JSX.Element {
  const language = useLanguage();
  const { name, isInvalid, isSaved, onInput, save } = useName();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Field
        id="own-name"
        label={language.t("name")}
        hint={language.t(isInvalid ? "error_bad_person" : "nameHint")}
        invalid={isInvalid}
      >
        <span class="field-row">
          <input
            id="own-name"
            value={name}
            dir="auto"
            autocomplete="nickname"
            aria-invalid={isInvalid}
            aria-describedby="own-name-hint"
            onInput={(event) => onInput(event.currentTarget.value)}
            onBlur={save}
          />
          <button class="quiet" aria-disabled={isSaved}>
            {language.t(isSaved && name !== "" ? "saved" : "save")}
          </button>
        </span>
      </Field>
    </form>
  );
}
