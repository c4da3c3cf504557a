import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useApp, useLanguage } from "./context.ts";

/** What a link opens, and what is between a link and its stream. Loaded when it is needed. */
export function EncryptedSlot(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const encrypted = app.encrypted.value;

  useEffect(() => {
    void app.loadEncrypted();
  }, [app]);

  if (encrypted !== undefined) return <encrypted.View />;
  return (
    <main class="home">
      <p class="tagline" role="status">
        {language.t("loading")}
      </p>
    </main>
  );
}
