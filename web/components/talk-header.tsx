import type { JSX } from "preact";
import type { Talk } from "../state/talk.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { Life } from "./life.tsx";
import { LinkTo } from "./link-to.tsx";
import { StateChip } from "./state-chip.tsx";

/** Which stream this is, how the connection is, and who is here. */
export function TalkHeader({ talk }: { readonly talk: Talk }): JSX.Element {
  const { me, router, ttl } = useApp();
  const language = useLanguage();
  const newest = talk.log.newest.value;
  const own = me.owned.value.get(talk.name);
  const count = talk.people.observers.value;
  return (
    <header class="bar">
      <LinkTo class="button icon-button back" stream={undefined} label={language.say("back")}>
        <Icon name="back" />
      </LinkTo>
      {ttl.value !== undefined && newest?.kind === "message" && (
        <Life since={newest.time.getTime()} ttl={ttl.value} />
      )}
      <div class="bar-title">
        <h1 class="name" id="stream-name">
          {own?.private && <Icon name="lock" />}
          {talk.name}
        </h1>
        <StateChip talk={talk} />
      </div>
      <button class="pill" onClick={() => router.open("people")}>
        <Icon name="people" />
        <span class="pill-words">{language.say("here", { count })}</span>
        <span class="pill-number" aria-hidden="true">
          {language.number(count)}
        </span>
      </button>
      <button class="icon-button" aria-label={language.say("share")} onClick={() => router.open("share")}>
        <Icon name="share" />
      </button>
    </header>
  );
}
