import type { JSX } from "preact";
import { useLanguage } from "../components/context.ts";

/** Hands a link to another program, where the system can. */
export function ShareVia({ link }: { readonly link: string }): JSX.Element | null {
  const language = useLanguage();
  if (!("share" in navigator)) return null;
  return (
    <button class="quiet" onClick={() => void navigator.share({ url: link }).catch(() => {})}>
      {language.t("shareVia")}
    </button>
  );
}
