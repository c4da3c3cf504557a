import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";

/** At the top of the log of a stream that is full, or nearly: the messages below it leave first. */
export function LeavingMark({ session }: { readonly session: StreamSession }): JSX.Element | null {
  const language = useLanguage();
  if (!session.isLeaving.value) return null;
  const { room } = session.life;
  return (
    <p class="leaving-mark" aria-live="off">
      {room.value === 0 ? language.t("leaving") : language.t("leavingSoon", { count: room.value })}
    </p>
  );
}
