import type { JSX } from "preact";
import { Command } from "../components/command.tsx";
import { useApp, useLanguage } from "../components/context.ts";
import type { OwnStream } from "../state/local-user.ts";
import { endCommand } from "../text/commands.ts";

/** The owner token of the user's own stream, to save: this tab is the only one that has it. */
export function OwnerSection({ own }: { readonly own: OwnStream }): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  const command = endCommand(location.origin, own.name, own.owner);
  return (
    <section class="owner" aria-labelledby="owner-title">
      <h3 id="owner-title">{language.t("ownerTitle")}</h3>
      <p class="hint">{language.t("ownerHint")}</p>
      <h4>{language.t("ownerToken")}</h4>
      <Command text={own.owner} />
      <h4>{language.t("ownerCommand")}</h4>
      <Command text={command} />
      <button class="danger" onClick={() => router.open("end")}>
        {language.t("end")}
      </button>
    </section>
  );
}
