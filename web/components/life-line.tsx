import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";
import { useDrain } from "./use-drain.ts";
import { useInformed } from "./use-informed.ts";

/** How many parts of the line can be told apart. */
const STEPS = 400;

/** The life of the open stream, as a line that drains, and refills when someone writes. Empty when the stream has ended. */
export function LifeLine({ session }: { readonly session: StreamSession }): JSX.Element {
  const { since, ttl, isEnding } = session.life;
  return (
    <div class="life-line" aria-hidden="true" data-known={useInformed(session)} data-late={isEnding.value}>
      {since.value !== undefined && ttl.value !== undefined && <Left since={since.value} ttl={ttl.value} />}
    </div>
  );
}

function Left({ since, ttl }: { readonly since: number; readonly ttl: number }): JSX.Element {
  const left = useDrain(since, ttl, STEPS);
  const before = useRef(left);
  const isFilling = left > before.current;
  before.current = left;
  return <div class="life-left" data-filling={isFilling} style={{ transform: `scaleX(${left})` }} />;
}
