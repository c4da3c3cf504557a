import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { ViewSwitch } from "../logs/view-switch.tsx";
import { streamTitle } from "../text/stream-title.ts";
import { useApp, useLanguage } from "./context.ts";
import { FindButton } from "./find-button.tsx";
import { Icon } from "./icon.tsx";
import { IconButton } from "./icon-button.tsx";
import { LifeLine } from "./life-line.tsx";
import { LifeText } from "./life-text.tsx";
import { LinkTo } from "./link-to.tsx";
import { MoreMenu } from "./more-menu.tsx";
import { StateChip } from "./state-chip.tsx";

/** The stream's name, the state of the connection, how long it lives, and the number of listeners. */
export function StreamHeader({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user, router } = useApp();
  const language = useLanguage();
  const own = user.owned.value.get(session.name);
  const { parts } = session;
  const title = streamTitle(language, session.name);
  const count = session.people.observers.value;
  return (
    <header class="bar">
      <LinkTo class="button icon-button back" stream={undefined} label={language.t("back")}>
        <Icon name="back" />
      </LinkTo>
      {parts !== undefined && <parts.Lock />}
      <div class="bar-title">
        <h1 class={parts === undefined && title === session.name ? "name" : "name phrase"} id="stream-name">
          {own?.private && <Icon name="lock" />}
          {parts === undefined ? title : <parts.Title />}
        </h1>
        <div class="bar-facts">
          <StateChip session={session} />
          <LifeText session={session} />
        </div>
      </div>
      <FindButton session={session} />
      <ViewSwitch session={session} />
      {/* A number without the user is not known yet. */}
      <button
        class="pill"
        data-known={count > 0}
        aria-label={count > 0 ? undefined : language.t("people")}
        onClick={() => router.open("people")}
      >
        <Icon name="people" />
        <span class="pill-words">{language.t("here", { count })}</span>
        <span class="pill-number" aria-hidden="true">
          {language.number(count)}
        </span>
      </button>
      <IconButton icon="share" label={language.t("share")} onClick={() => router.open("share")} />
      <MoreMenu session={session} />
      <LifeLine session={session} />
    </header>
  );
}
