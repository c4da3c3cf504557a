import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { Logo } from "../components/logo.tsx";
import type { OpenStream } from "./open-stream.tsx";
import { texts } from "./texts.ts";

/** Shown in an encrypted stream without messages. */
export function EmptyEncrypted({ open }: { readonly open: OpenStream }): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  return (
    <div class="empty">
      <Logo />
      <h2>{open.isCreated ? texts().t("emptyOwn") : language.t("empty")}</h2>
      <p>{texts().t(open.isCreated ? "emptyOwnHint" : "emptyHint")}</p>
      <p class="choices">
        {open.isCreated && (
          <button class="primary" onClick={() => router.open("share")}>
            {language.t("share")}
          </button>
        )}
        <button class="quiet" onClick={() => router.open("terminal")}>
          {language.t("terminal")}
        </button>
      </p>
    </div>
  );
}
