import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useDrain } from "./use-drain.ts";

/** The life of the open stream, as a line that drains, and refills when someone writes. Empty when the stream has ended. */
export function LifeLine({ session }: { readonly session: StreamSession }): JSX.Element {
  const { since, ttl } = session.life;
  return (
    <div class="life-line" aria-hidden="true">
      {since.value !== undefined && ttl.value !== undefined && <Left since={since.value} ttl={ttl.value} />}
    </div>
  );
}

function Left({ since, ttl }: { readonly since: number; readonly ttl: number }): JSX.Element {
  const style = useDrain(since, ttl);
  return <div key={since} class="life-left" style={style} />;
}
