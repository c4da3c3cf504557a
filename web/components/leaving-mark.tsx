import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";

/** At the top of the log of a stream that is nearly full: the messages below it leave first. */
export function LeavingMark({ session }: { readonly session: StreamSession }): JSX.Element | null {
  const language = useLanguage();
  const room = session.life.room.value;
  if (!session.isLeaving.value || room === 0) return null;
  return (
    <p class="leaving-mark" aria-live="off">
      {language.t("leavingSoon", { count: room })}
    </p>
  );
}
