import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { ViewSwitch } from "../logs/view-switch.tsx";
import { useApp, useLanguage } from "./context.ts";
import { FindButton } from "./find-button.tsx";
import { Icon } from "./icon.tsx";
import { LifetimeRing } from "./lifetime-ring.tsx";
import { LinkTo } from "./link-to.tsx";
import { StateChip } from "./state-chip.tsx";

/** The stream's name, the state of the connection and the number of listeners. */
export function StreamHeader({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user, router, ttl } = useApp();
  const language = useLanguage();
  const newest = session.log.newest.value;
  const own = user.owned.value.get(session.name);
  const { parts } = session;
  const count = session.people.observers.value;
  return (
    <header class="bar">
      <LinkTo class="button icon-button back" stream={undefined} label={language.t("back")}>
        <Icon name="back" />
      </LinkTo>
      {ttl.value !== undefined && newest?.kind === "message" && (
        <LifetimeRing since={newest.time.getTime()} ttl={ttl.value} />
      )}
      {parts !== undefined && <parts.Lock />}
      <div class="bar-title">
        <h1 class="name" id="stream-name">
          {own?.private && <Icon name="lock" />}
          {parts === undefined ? session.name : <parts.Title />}
        </h1>
        <StateChip session={session} />
      </div>
      <FindButton session={session} />
      <ViewSwitch session={session} />
      <button class="pill" onClick={() => router.open("people")}>
        <Icon name="people" />
        <span class="pill-words">{language.t("here", { count })}</span>
        <span class="pill-number" aria-hidden="true">
          {language.number(count)}
        </span>
      </button>
      <button class="icon-button" aria-label={language.t("share")} onClick={() => router.open("share")}>
        <Icon name="share" />
      </button>
    </header>
  );
}
