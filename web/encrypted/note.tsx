import type { JSX } from "preact";
import type { Entry, WarningEntry } from "../state/entry.ts";
import { texts } from "./texts.ts";

/** What is known of a message's sender besides the name; or a warning in its own line. */
export function Note({ entry }: { readonly entry: Entry }): JSX.Element | null {
  if (entry.kind === "warning") return <>{warningText(entry)}</>;
  if (entry.kind !== "message" || entry.sender === undefined) return null;
  const { id, isNew } = entry.sender;
  return (
    <>
      {/* Distinguishes senders with the same name, for the eye. */}
      <small aria-hidden="true" dir="ltr">
        {id}
      </small>
      {isNew && <em title={texts().t("isNewHint")}>{texts().t("isNew")}</em>}
    </>
  );
}

function warningText({ code, count, sender }: WarningEntry): string {
  if (code === "missing")
    return sender === undefined
      ? texts().t("missing", { count })
      : texts().t("missingFrom", { count, sender });
  if (code === "split" && sender === undefined) return texts().t("splitUnknown");
  return texts().t(code, sender === undefined ? {} : { sender });
}
