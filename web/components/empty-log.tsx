import type { JSX } from "preact";
import { QrCode } from "../dialogs/qr-code.tsx";
import { linkTo } from "../state/address.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { curlWrite } from "../text/curl.ts";
import { Command } from "./command.tsx";
import { useApp, useLanguage } from "./context.ts";

/** Shown while the log is empty: loading, failed, a new stream of the user's own, or a stream that does not exist. */
export function EmptyLog({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user, router } = useApp();
  const language = useLanguage();
  if (session.history.value === "loading") {
    return (
      <div class="empty" role="status">
        <p>{language.t("loading")}</p>
      </div>
    );
  }
  if (session.history.value === "failed") {
    return (
      <div class="empty" role="status">
        <p>{language.t("historyFailed")}</p>
      </div>
    );
  }
  const Empty = session.parts?.Empty;
  if (Empty !== undefined) return <Empty />;
  const isOwn = user.owned.value.has(session.name);
  const isLive = session.connection.value.kind === "live";
  return (
    <div class="empty">
      <h2>{language.t(isOwn ? "emptyOwn" : "empty")}</h2>
      <p>{language.t(isOwn ? "emptyOwnHint" : "emptyHint")}</p>
      {isOwn && (
        <button class="primary" onClick={() => router.open("share")}>
          {language.t("share")}
        </button>
      )}
      {/* Loaded when one can talk, which comes first. */}
      <QrCode text={isLive ? linkTo(session.name) : undefined} />
      <Command text={curlWrite(location.origin, session.name)} />
      <button class="small" onClick={() => router.open("terminal")}>
        {language.t("terminal")}
      </button>
    </div>
  );
}
