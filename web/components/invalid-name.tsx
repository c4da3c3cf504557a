import type { JSX } from "preact";
import { useLanguage } from "./context.ts";
import { LinkTo } from "./link-to.tsx";

/** Shown when the fragment of the URL is not a valid stream name. */
export function InvalidName(): JSX.Element {
  const language = useLanguage();
  return (
    <main class="home">
      <div class="home-inner">
        <h1>{language.t("badName")}</h1>
        <p class="tagline">{language.t("badNameHint")}</p>
        <LinkTo class="button primary" stream={undefined}>
          {language.t("home")}
        </LinkTo>
      </div>
    </main>
  );
}
