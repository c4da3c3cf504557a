import type { JSX } from "preact";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import { useApp, useLanguage } from "../components/context.ts";
import { useSecondsLeft } from "../components/use-seconds-left.ts";
import { Dialog } from "./dialog.tsx";
import { OwnerSection } from "./owner-section.tsx";

/** How long the open stream lives, how much it keeps, what happens at its end, and what its owner can do about it. */
export function AboutDialog(): JSX.Element | null {
  const { session, user } = useApp();
  const language = useLanguage();
  const life = session.value?.life;
  const left = useSecondsLeft(life?.expiresAt.value);
  if (session.value === undefined || life === undefined) return null;
  const ttl = life.ttl.value ?? 0;
  const count = life.count.value;
  const own = user.owned.value.get(session.value.name);
  return (
    <Dialog title={language.t("about")}>
      <dl class="about">
        <dt>{language.t("aboutLife")}</dt>
        <dd>
          {left === undefined ? (
            language.t("aboutLifeNone")
          ) : (
            <>
              <Gauge part={left} of={ttl} />
              {language.t("aboutLifeLeft", { left: language.duration(left), ttl: language.duration(ttl) })}
              <small>{language.t("aboutLifeHint")}</small>
            </>
          )}
        </dd>
        <dt>{language.t("aboutRoom")}</dt>
        <dd>
          <Gauge part={count} of={MAX_MESSAGES} />
          {language.t("aboutRoomKept", { count, max: MAX_MESSAGES })}
          <small>{language.t("aboutRoomHint")}</small>
        </dd>
      </dl>
      <p class="hint">{language.t("aboutEnd")}</p>
      {own !== undefined && <OwnerSection own={own} />}
    </Dialog>
  );
}

/** A part of something, as a line. The text beside it says the same. */
function Gauge({ part, of }: { readonly part: number; readonly of: number }): JSX.Element {
  return (
    <span class="gauge" aria-hidden="true">
      <span style={{ "--part": `${(100 * part) / of}%` }} />
    </span>
  );
}
