import type { JSX } from "preact";
import type { OpenPipe } from "./open-pipe.ts";
import { texts } from "./texts.ts";

/** What to do while the other end is not connected. */
export function PipeAway({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  return (
    <div class="notice ending">
      <p>{texts().t("awayHint")}</p>
      {pipe.link !== undefined && (
        <p class="notice-actions">
          <button class="quiet" onClick={() => pipe.readmit()}>
            {texts().t("readmit")}
          </button>
        </p>
      )}
    </div>
  );
}
