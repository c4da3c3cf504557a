import type { JSX } from "preact";

interface ChoiceProps {
  readonly id: string;
  /** The same for all choices of which one can be chosen. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
}

/** A labelled radio button. */
export function Choice({ id, name, label, hint, checked, onChoose }: ChoiceProps): JSX.Element {
  return (
    <div class="check">
      <input
        id={id}
        name={name}
        type="radio"
        checked={checked}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={onChoose}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
