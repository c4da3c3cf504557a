import type { JSX } from "preact";
import { useDrain } from "./use-drain.ts";

/** How long the logo drains, in seconds: about as long as the page is looked at. */
const DURATION = 60;

/** How many parts of the ring can be told apart. */
const STEPS = 120;

/**
 * Malten's logo: a draining ring.
 * @param since When it was full and began to drain, in milliseconds since 1970. By default it stands still.
 */
export function Logo({ since }: { readonly since?: number | undefined }): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <circle class="track" cx="32" cy="32" r="26" />
      {since === undefined ? <path d="M32 6a26 26 0 1 1-24.700 17.900" /> : <Draining since={since} />}
      <circle class="dot" cx="32" cy="32" r="6" />
    </svg>
  );
}

function Draining({ since }: { readonly since: number }): JSX.Element {
  const left = useDrain(since, DURATION, STEPS);
  const style = { strokeDashoffset: 1 - left };
  return <circle class="draining" cx="32" cy="32" r="26" pathLength={1} style={style} />;
}
