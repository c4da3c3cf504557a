import type { JSX } from "preact";
import { useLanguage } from "./context.ts";
import { LinkTo } from "./link-to.tsx";

/** What is shown where the address has something behind the # that no stream can be called. */
export function NoSuchName(): JSX.Element {
  const language = useLanguage();
  return (
    <main class="home">
      <div class="home-inner">
        <h1>{language.say("badName")}</h1>
        <p class="tagline">{language.say("badNameHint")}</p>
        <LinkTo class="button primary" stream={undefined}>
          {language.say("home")}
        </LinkTo>
      </div>
    </main>
  );
}
