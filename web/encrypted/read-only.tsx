import type { JSX } from "preact";
import { texts } from "./texts.ts";

/** Shown instead of the message box to those who have the link for readers only. */
export function ReadOnly(): JSX.Element {
  return <p class="read-only">{texts().t("readOnly")}</p>;
}
