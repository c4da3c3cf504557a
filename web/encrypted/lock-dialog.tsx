import type { ComponentChildren, JSX } from "preact";
import { Dialog } from "../dialogs/dialog.tsx";
import type { OpenStream } from "./open-stream.tsx";
import { texts, type Key } from "./texts.ts";

const RIGHTS = { owner: "rightOwner", writer: "rightWriter", reader: "rightReader" } as const;

const SEEN = ["sees", "seesNames", "seesSizes", "seesPresence"] as const satisfies readonly Key[];

/** What the lock means: what is protected, what is not, and whom one trusts. */
export function LockDialog({ open }: { readonly open: OpenStream }): JSX.Element {
  return (
    <Explanation protection="protected">
      {open.isWarned.value && <p class="caution">{texts().t("warned")}</p>}
      <p>{texts().t(RIGHTS[open.stream.right])}</p>
    </Explanation>
  );
}

interface ExplanationProps {
  readonly protection: "protected" | "protectedPipe";
  readonly children?: ComponentChildren;
}

export function Explanation({ protection, children }: ExplanationProps): JSX.Element {
  return (
    <Dialog title={texts().t("encrypted")}>
      <div class="explanation">
        {children}
        <h3>{texts().t("protectedTitle")}</h3>
        <p>{texts().t(protection)}</p>
        <h3>{texts().t("seesTitle")}</h3>
        <ul>
          {SEEN.map((key) => (
            <li key={key}>{texts().t(key)}</li>
          ))}
        </ul>
        <h3>{texts().t("seesNotTitle")}</h3>
        <p>{texts().t("seesNot")}</p>
        <h3>{texts().t("trustTitle")}</h3>
        <p>
          <strong>{texts().t("trust")}</strong>
        </p>
        <p>{texts().t("trustCheck")}</p>
        {/* The HTML has the hash of every script. The service worker is the only one that is loaded by its name. */}
        <pre dir="ltr">
          curl -s {location.origin}/ {location.origin}/worker.js | sha256sum
        </pre>
        <p>{texts().t("trustTerminal")}</p>
        <p>{texts().t("trustHistory")}</p>
      </div>
    </Dialog>
  );
}
