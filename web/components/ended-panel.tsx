import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";

/** What has become of a stream that has ended, and what can be done now. */
export function EndedPanel({ session }: { readonly session: StreamSession }): JSX.Element | null {
  const { router } = useApp();
  const language = useLanguage();
  const end = session.life.end.value;
  if (end === undefined) return null;
  return (
    <section class="notice ended-panel">
      <h2>{language.t("endedTitle")}</h2>
      <p>{language.t("endedNothing", { time: language.time(end.at) })}</p>
      {session.over.value && (
        <button class="primary" onClick={() => router.open("new")}>
          {language.t("newPrivateStream")}
        </button>
      )}
    </section>
  );
}
