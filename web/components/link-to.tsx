import type { ComponentChildren, JSX } from "preact";
import { addressOf } from "../state/address.ts";
import { useApp } from "./context.ts";

interface LinkToProps {
  /** Undefined for the start page. */
  readonly stream: string | undefined;
  readonly class?: string;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A link within the page; follows it without a reload. */
export function LinkTo({ stream, label, children, ...rest }: LinkToProps): JSX.Element {
  const { router } = useApp();
  const isCurrent = stream !== undefined && router.stream === stream;
  return (
    <a
      class={rest.class}
      href={addressOf(stream)}
      aria-label={label}
      title={label}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        router.go(stream);
      }}
    >
      {children}
    </a>
  );
}
