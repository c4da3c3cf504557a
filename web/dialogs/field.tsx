import type { ComponentChildren, JSX } from "preact";

interface FieldProps {
  /** The id of the control among the children. Its hint has this id with `-hint` appended. */
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  /** Whether the hint is an error. */
  readonly invalid?: boolean;
  readonly children: ComponentChildren;
}

/** A control with its label above and a hint below. */
export function Field({ id, label, hint, invalid = false, children }: FieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <small id={`${id}-hint`} role={invalid ? "alert" : undefined} class={invalid ? "warn" : undefined}>
          {hint}
        </small>
      )}
    </div>
  );
}
