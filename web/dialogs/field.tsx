import type { ComponentChildren, JSX } from "preact";

interface FieldProps {
  /** Of the control among the children; what describes it has this and `-hint`. */
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  /** The hint says what is wrong. */
  readonly refused?: boolean;
  readonly children: ComponentChildren;
}

/** A control with what it is called above, and what helps below. */
export function Field({ id, label, hint, refused = false, children }: FieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <small id={`${id}-hint`} role={refused ? "alert" : undefined} class={refused ? "warn" : undefined}>
          {hint}
        </small>
      )}
    </div>
  );
}
