import type { JSX } from "preact";
import { Dialog } from "../dialogs/dialog.tsx";
import { Recipes } from "../dialogs/recipes.tsx";
import { useLanguage } from "../components/context.ts";
import { encryptedRecipes } from "../text/commands.ts";
import type { OpenStream } from "./open-stream.tsx";
import { texts } from "./texts.ts";

/** How to write to an encrypted stream, and listen to it, without the page. */
export function TerminalEncrypted({ open }: { readonly open: OpenStream }): JSX.Element {
  const language = useLanguage();
  return (
    <Dialog title={language.t("terminal")}>
      <p class="hint">{texts().t("terminalHint")}</p>
      <Recipes recipes={encryptedRecipes(open.stream.right !== "reader")} />
    </Dialog>
  );
}
