import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { checkPerson } from "../../src/protocol/presence.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { useApp, useLanguage } from "../components/context.ts";
import { Field } from "./field.tsx";

/** The user's name, optional. */
export function NameField(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const [name, setName] = useState(app.user.name.peek());
  const [invalid, setInvalid] = useState(false);
  const isSaved = !invalid && name.trim() === app.user.name.value;

  const save = (): void => {
    try {
      app.rename(name.trim() === "" ? "" : checkPerson(name));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setInvalid(true);
    }
  };

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
        hint={language.t(invalid ? "error_bad_person" : "nameHint")}
        invalid={invalid}
      >
        <span class="field-row">
          <input
            id="own-name"
            value={name}
            dir="auto"
            autocomplete="nickname"
            aria-invalid={invalid}
            aria-describedby="own-name-hint"
            onInput={(event) => {
              setName(event.currentTarget.value);
              setInvalid(false);
            }}
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
