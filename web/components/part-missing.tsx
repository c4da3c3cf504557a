import type { JSX } from "preact";
import { useApp, useLanguage } from "./context.ts";

/** Says that a part of the page cannot be had, and leaves it to the reader when to do something about it: a draft may be at stake. */
export function PartMissing(): JSX.Element | null {
  const { partMissing } = useApp();
  const language = useLanguage();
  if (!partMissing.value) return null;
  return (
    <div class="notice warn part-missing" role="alert">
      <p>{language.say("partMissing")}</p>
      <button class="small" onClick={() => location.reload()}>
        {language.say("reload")}
      </button>
      <button
        class="small"
        onClick={() => {
          partMissing.value = false;
        }}
      >
        {language.say("close")}
      </button>
    </div>
  );
}
