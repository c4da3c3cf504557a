import type { JSX } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface IconButtonProps {
  readonly icon: IconName;
  /** What it does, for screen readers and as a tooltip. */
  readonly label: string;
  /** The key that does the same, as in `aria-keyshortcuts`. */
  readonly shortcut?: string;
  readonly class?: string;
  /** The id of what it is about, where several do the same. */
  readonly describedBy?: string;
  /** Whether it is on, if it is one that stays. */
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

/** A button with nothing but an icon. */
export function IconButton({
  icon,
  label,
  shortcut,
  pressed,
  describedBy,
  onClick,
  ...rest
}: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${rest.class ?? ""}`}
      aria-label={label}
      aria-describedby={describedBy}
      aria-keyshortcuts={shortcut}
      aria-pressed={pressed}
      title={shortcut === undefined ? label : `${label} (${shortcut.replace("+", " ")})`}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
