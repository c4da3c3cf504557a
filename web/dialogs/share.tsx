import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { addressOf } from "../state/router.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { EndStream } from "./end-stream.tsx";
import { QrCode } from "./qr-code.tsx";

/** Passes a stream on: by link and QR code, with a word on who can then read it. */
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
    <Dialog title={language.say("shareTitle", { name })}>
      <Field id="share-link" label={language.say("shareLink")}>
        <span class="field-row">
          <input
            id="share-link"
            readOnly
            dir="ltr"
            value={link}
            onFocus={(event) => event.currentTarget.select()}
          />
          <button class="primary" data-first onClick={copy}>
            {language.say(copied ? "copied" : "copy")}
          </button>
        </span>
      </Field>
      <QrCode text={link} />
      {listed !== undefined && (
        <p class={listed ? "hint" : "hint warn"} role="status">
          {language.say(listed ? "sharePublic" : "sharePrivate")}
        </p>
      )}
      <footer>
        <EndStream name={name} />
        {"share" in navigator && (
          <button class="quiet" onClick={() => void navigator.share({ url: link }).catch(() => {})}>
            {language.say("shareVia")}
          </button>
        )}
      </footer>
    </Dialog>
  );
}
