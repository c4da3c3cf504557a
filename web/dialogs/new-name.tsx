import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { IconButton } from "../components/icon-button.tsx";
import { Field } from "./field.tsx";

interface NewNameProps {
  readonly name: string;
  /** What is wrong with the name. */
  readonly problem: string | undefined;
  /** There is a stream of this name, which can be opened instead. */
  readonly isTaken: boolean;
  readonly onInput: (name: string) => void;
  readonly onPropose: () => void;
}

/** The name of a new public stream, proposed and to be changed. */
export function NewName({ name, problem, isTaken, onInput, onPropose }: NewNameProps): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  return (
    <Field
      id="new-name"
      label={language.t("newName")}
      hint={problem ?? language.t("newNameHint")}
      invalid={problem !== undefined}
    >
      <span class="field-row">
        <input
          id="new-name"
          class="named"
          value={name}
          data-first
          dir="ltr"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={problem !== undefined}
          aria-describedby="new-name-hint"
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {isTaken ? (
          <button type="button" class="quiet" onClick={() => router.go(name.trim())}>
            {language.t("openIt")}
          </button>
        ) : (
          <IconButton icon="again" label={language.t("anotherName")} onClick={onPropose} />
        )}
      </span>
    </Field>
  );
}
