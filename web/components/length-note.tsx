import type { JSX } from "preact";
import { MAX_TEXT } from "../../src/protocol/limits.ts";
import { splitText } from "../text/split.ts";
import { useLanguage } from "./context.ts";

/** From so many characters before the limit on, it is shown how many remain. */
const NEAR = 124;

interface LengthNoteProps {
  readonly text: string;
  /** Characters beyond the limit; negative before it. */
  readonly over: number;
  readonly onSplit: () => void;
}

/** How much more can be written; and a way out for what is too long, which is never cut. */
export function LengthNote({ text, over, onSplit }: LengthNoteProps): JSX.Element | null {
  const language = useLanguage();
  if (over <= -NEAR) return null;
  if (over <= 0) {
    return (
      <p class="length" id="length-note">
        {language.say("remaining", { count: -over })}
      </p>
    );
  }
  return (
    <div class="length warn" id="length-note">
      <span role="alert">{language.say("tooLong")}</span>
      <span>{language.say("over", { count: over })}</span>
      <button class="small" type="button" onClick={onSplit}>
        {language.say("split", { count: splitText(text, MAX_TEXT).length })}
      </button>
    </div>
  );
}
