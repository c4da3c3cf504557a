import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { useInformed } from "./use-informed.ts";
import { useSecondsLeft } from "./use-seconds-left.ts";

/** From this many messages on, the room that is left is shown. */
const CROWDED = 768;

/** The time and the room that are left. Not announced: screen readers read it where it is, and the notices say when it matters. */
export function LifeText({ session }: { readonly session: StreamSession }): JSX.Element | null {
  const { router } = useApp();
  const language = useLanguage();
  const { life } = session;
  const isInformed = useInformed(session);
  const left = useSecondsLeft(life.expiresAt.value);
  const room = life.room.value;
  if (left === undefined || !isInformed) return null;
  return (
    <button
      class="life-text"
      data-late={life.isEnding.value}
      aria-haspopup="dialog"
      title={language.t("about")}
      onClick={() => router.open("about")}
    >
      {left === 0 ? language.t("leftNone") : language.t("left", { duration: language.duration(left) })}
      {life.count.value >= CROWDED && (
        <span class="room-text">
          {room === 0 ? language.t("roomNone") : language.t("room", { count: room })}
        </span>
      )}
    </button>
  );
}
