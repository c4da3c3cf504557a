import type { JSX } from "preact";
import { MAX_TEXT } from "../../src/protocol/limits.ts";
import { splitText } from "../text/split.ts";
import { useLanguage } from "./context.ts";

/** The number of characters left is shown from this many before the limit. */
const NEAR = 124;

interface LengthNoteProps {
  readonly text: string;
  /** Returns the number of characters over the limit; negative below it. */
  readonly over: number;
  readonly onSplit: () => void;
}

/** The number of characters left, or an offer to split a text that is too long. Text is never cut. */
export function LengthNote({ text, over, onSplit }: LengthNoteProps): JSX.Element | null {
  const language = useLanguage();
  if (over <= -NEAR) return null;
  if (over <= 0) {
    return (
      <p class="length" id="length-note">
        {language.t("remaining", { count: -over })}
      </p>
    );
  }
  return (
    <div class="length warn" id="length-note">
      <span role="alert">{language.t("tooLong")}</span>
      <span>{language.t("over", { count: over })}</span>
      <button class="small" type="button" onClick={onSplit}>
        {language.t("split", { count: splitText(text, MAX_TEXT).length })}
      </button>
    </div>
  );
}
