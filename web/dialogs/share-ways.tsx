import type { JSX } from "preact";
import { Icon } from "../components/icon.tsx";
import { useApp, useLanguage } from "../components/context.ts";
import { ShareVia } from "./share-via.tsx";

/** Other ways to a stream than its link: a terminal, and what the system can hand the link to. */
export function ShareWays({ link }: { readonly link: string }): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  return (
    <>
      <button class="quiet" onClick={() => router.open("terminal")}>
        <Icon name="terminal" />
        {language.t("terminal")}
      </button>
      <ShareVia link={link} />
    </>
  );
}
