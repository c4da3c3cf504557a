import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { checkPerson } from "../../src/protocol/presence.ts";
import { Problem } from "../../src/protocol/problem.ts";
import { useApp, useLanguage } from "../components/context.ts";

/** A name for oneself, or none. */
export function NameField(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const [name, setName] = useState(app.me.name.peek());
  const [refused, setRefused] = useState(false);

  const save = (): void => {
    try {
      app.rename(name.trim() === "" ? "" : checkPerson(name));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefused(true);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label class="field">
        <span>{language.say("name")}</span>
        <input
          value={name}
          dir="auto"
          autocomplete="nickname"
          aria-invalid={refused}
          aria-describedby="name-hint"
          onInput={(event) => {
            setName(event.currentTarget.value);
            setRefused(false);
          }}
          onBlur={save}
        />
        <small id="name-hint" role={refused ? "alert" : undefined} class={refused ? "warn" : undefined}>
          {language.say(refused ? "error_bad_person" : "nameHint")}
        </small>
      </label>
    </form>
  );
}
