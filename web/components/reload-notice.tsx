import type { JSX } from "preact";
import { useApp, useLanguage } from "./context.ts";

/** Reports that part of the page failed to load. Reloading is left to the user, who may have an unsent draft. */
export function ReloadNotice(): JSX.Element | null {
  const { reloadNeeded } = useApp();
  const language = useLanguage();
  if (!reloadNeeded.value) return null;
  return (
    <div class="notice warn reload-notice" role="alert">
      <p>{language.t("reloadNotice")}</p>
      <button class="small" onClick={() => location.reload()}>
        {language.t("reload")}
      </button>
      <button
        class="small"
        onClick={() => {
          reloadNeeded.value = false;
        }}
      >
        {language.t("close")}
      </button>
    </div>
  );
}
