import type { JSX } from "preact";
import { LinkField } from "../dialogs/link-field.tsx";
import { QrCode } from "../dialogs/qr-code.tsx";
import { ShareVia } from "../dialogs/share-via.tsx";
import type { OpenPipe } from "./open-pipe.ts";
import { texts } from "./texts.ts";

/** Before the other end is there: the link for it, where the pipe was created. */
export function PipeWaiting({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const { link } = pipe;
  if (link === undefined || pipe.state.value.kind === "joining") {
    return (
      <div class="empty">
        <p>{texts().t("stateJoining")}…</p>
      </div>
    );
  }
  return (
    <div class="empty waiting">
      <h2>{texts().t("ready")}</h2>
      <p>{texts().t("readyHint")}</p>
      <LinkField link={link} />
      <p class="hint warn">{texts().t("readyWarn")}</p>
      <QrCode text={link} />
      <ShareVia link={link} />
    </div>
  );
}
