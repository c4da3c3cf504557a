import type { JSX } from "preact";
import { useLanguage } from "../components/context.ts";
import { LinkTo } from "../components/link-to.tsx";

/** A way out, for windows that are too narrow for the list of streams. */
export function HomeLink(): JSX.Element {
  const language = useLanguage();
  return (
    <p class="choices">
      <LinkTo class="button quiet" stream={undefined}>
        {language.t("home")}
      </LinkTo>
    </p>
  );
}
