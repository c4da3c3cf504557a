import type { JSX } from "preact";

/** Malten's logo: a draining ring. */
export function Logo(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <circle class="track" cx="32" cy="32" r="26" />
      <path d="M32 6a26 26 0 1 1-24.700 17.900" />
      <circle class="dot" cx="32" cy="32" r="6" />
    </svg>
  );
}
