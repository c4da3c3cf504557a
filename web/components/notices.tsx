import type { JSX } from "preact";
import type { Talk } from "../state/talk.ts";
import { Announcement } from "./announcement.tsx";
import { useApp, useLanguage } from "./context.ts";
import { secondsUntil, useNow } from "./use-now.ts";

/** What everyone here should know now; above the draft, where it is seen. */
export function Notices({ talk }: { readonly talk: Talk }): JSX.Element | null {
  const { offline } = useApp();
  const language = useLanguage();
  const failure = talk.failure.value;
  if (failure !== undefined) {
    return (
      <p class="notice warn" role="alert">
        {language.say("failed", { reason: failure.message })}
      </p>
    );
  }
  if (offline.value) {
    return (
      <p class="notice" role="status">
        {language.say("offlineNote")}
      </p>
    );
  }
  return talk.ends.value === undefined ? null : <Ending talk={talk} ends={talk.ends.value} />;
}

/** The stream is about to die. Said once aloud; the seconds are only seen. */
function Ending({ talk, ends }: { readonly talk: Talk; readonly ends: number }): JSX.Element {
  const { me } = useApp();
  const language = useLanguage();
  const now = useNow(true);
  const isOwn = me.owned.value.has(talk.name);
  const words = (seconds: number): string =>
    language.say(isOwn ? "expiringOwn" : "expiring", { life: language.span(seconds) });
  return (
    <p class="notice warn">
      <span aria-hidden="true">{words(secondsUntil(ends, now))}</span>
      <Announcement text={words(secondsUntil(ends, Date.now()))} key={ends} />
    </p>
  );
}
