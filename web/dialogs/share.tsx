import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { addressOf } from "../state/router.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { EndStream } from "./end-stream.tsx";
import { QrCode } from "./qr-code.tsx";

/** Shares a stream by link and QR code, and says who will be able to read it. */
export function ShareDialog(): JSX.Element | null {
  const { malten, router } = useApp();
  const language = useLanguage();
  const [listed, setListed] = useState<boolean | undefined>();
  const [copied, setCopied] = useState(false);
  const name = router.stream ?? "";
  const link = new URL(addressOf(name), location.origin).href;

  useEffect(() => {
    malten.list({ prefix: name }).then(
      (streams) => setListed(streams.some((stream) => stream.name === name)),
      () => {},
    );
  }, [malten, name]);

  const copy = (): void => {
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => {},
    );
  };

  return (
    <Dialog title={language.t("shareTitle", { name })}>
      <Field id="share-link" label={language.t("shareLink")}>
        <span class="field-row">
          <input
            id="share-link"
            readOnly
            dir="ltr"
            value={link}
            onFocus={(event) => event.currentTarget.select()}
          />
          <button class="primary" data-first onClick={copy}>
            {language.t(copied ? "copied" : "copy")}
          </button>
        </span>
      </Field>
      <QrCode text={link} />
      {listed !== undefined && (
        <p class={listed ? "hint" : "hint warn"} role="status">
          {language.t(listed ? "sharePublic" : "sharePrivate")}
        </p>
      )}
      <footer>
        <EndStream name={name} />
        {"share" in navigator && (
          <button class="quiet" onClick={() => void navigator.share({ url: link }).catch(() => {})}>
            {language.t("shareVia")}
          </button>
        )}
      </footer>
    </Dialog>
  );
}
