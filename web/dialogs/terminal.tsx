import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { recipes } from "../text/commands.ts";
import { streamTitle } from "../text/stream-title.ts";
import { Dialog } from "./dialog.tsx";
import { Recipes } from "./recipes.tsx";

/** The stream of the examples on the start page. */
const EXAMPLE = "logs";

/** How to write to the open stream, and listen to it, without the page. */
export function TerminalDialog(): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  const name = router.stream ?? EXAMPLE;
  return (
    <Dialog title={language.t("terminalTitle", { name: streamTitle(language, name) })}>
      <Recipes recipes={recipes(location.origin, name)} />
    </Dialog>
  );
}
