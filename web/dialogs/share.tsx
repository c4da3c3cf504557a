import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { linkTo } from "../state/address.ts";
import { streamTitle } from "../text/stream-title.ts";
import { Dialog } from "./dialog.tsx";
import { LinkField } from "./link-field.tsx";
import { QrCode } from "./qr-code.tsx";
import { ShareWays } from "./share-ways.tsx";

/** Shares a stream by link and QR code, and says who will be able to read it. */
export function ShareDialog(): JSX.Element | null {
  const { malten, router } = useApp();
  const language = useLanguage();
  const [listed, setListed] = useState<boolean | undefined>();
  const name = router.stream ?? "";
  const link = linkTo(name);

  useEffect(() => {
    malten.list({ prefix: name }).then(
      (streams) => setListed(streams.some((stream) => stream.name === name)),
      () => {},
    );
  }, [malten, name]);

  return (
    <Dialog title={language.t("shareTitle", { name: streamTitle(language, name) })}>
      <LinkField link={link} />
      {listed !== undefined && (
        <p class={listed ? "hint" : "hint warn"} role="status">
          {language.t(listed ? "sharePublic" : "sharePrivate")}
        </p>
      )}
      <QrCode text={link} />
      <footer>
        <ShareWays link={link} />
      </footer>
    </Dialog>
  );
}
