import type { JSX } from "preact";
import type { Talk } from "../state/talk.ts";
import { useApp, useLanguage } from "./context.ts";
import { Mark } from "./mark.tsx";

/** What is shown where nothing was said: loading, not to be had, a new stream of one's own, or one that is not there. */
export function EmptyLog({ talk }: { readonly talk: Talk }): JSX.Element {
  const { me, router } = useApp();
  const language = useLanguage();
  if (talk.history.value === "loading") {
    return (
      <div class="empty" role="status">
        <p>{language.say("loading")}</p>
      </div>
    );
  }
  if (talk.history.value === "failed") {
    return (
      <div class="empty" role="status">
        <p>{language.say("historyFailed")}</p>
      </div>
    );
  }
  const isOwn = me.owned.value.has(talk.name);
  return (
    <div class="empty">
      <Mark />
      <h2>{language.say(isOwn ? "emptyOwn" : "empty")}</h2>
      <p>{language.say(isOwn ? "emptyOwnHint" : "emptyHint")}</p>
      {isOwn && (
        <button class="primary" onClick={() => router.open("share")}>
          {language.say("share")}
        </button>
      )}
    </div>
  );
}
