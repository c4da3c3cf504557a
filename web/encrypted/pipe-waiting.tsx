import type { JSX } from "preact";
import { LinkField } from "../dialogs/link-field.tsx";
import { QrCode } from "../dialogs/qr-code.tsx";
import { ShareVia } from "../dialogs/share-via.tsx";
import type { OpenPipe } from "./open-pipe.ts";
import { texts } from "./texts.ts";

/** Before the other end is there: the link for it, where the pipe was created. Not announced: the state is. */
export function PipeWaiting({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const { link } = pipe;
  const { kind } = pipe.state.value;
  // Joined, it gets the words in a moment.
  if (link === undefined || kind === "joining" || kind === "joined") {
    return (
      <div class="empty" aria-live="off">
        <p>{texts().t("stateJoining")}…</p>
      </div>
    );
  }
  return (
    <div class="empty waiting" aria-live="off">
      <h2>{texts().t("ready")}</h2>
      <p>{texts().t("readyHint")}</p>
      <LinkField link={link} />
      <p class="hint warn">{texts().t("readyWarn")}</p>
      <QrCode text={link} />
      <ShareVia link={link} />
    </div>
  );
}
