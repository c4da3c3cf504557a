import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { NameField } from "./name-field.tsx";
import { Dialog } from "./dialog.tsx";

/** Who listens: those who gave a name, and how many did not. */
export function PeopleDialog(): JSX.Element {
  const { talk, me } = useApp();
  const language = useLanguage();
  const people = talk.value?.people;
  const known = people?.known.value ?? [];
  const more = people?.more.value ?? 0;
  const unnamed = Math.max(0, (people?.observers.value ?? 0) - known.length - more);
  return (
    <Dialog title={language.say("people")}>
      {known.length === 0 && <p class="hint">{language.say("peopleNobody")}</p>}
      <ul class="people">
        {known.map(({ name, status }) => (
          <li key={name}>
            <span class="person" data-status={status}>
              <bdi>{name}</bdi>
              {name === me.name.value && <small> ({language.say("you")})</small>}
            </span>
            <small>{language.say(status)}</small>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="hint">{language.say("peopleMore", { count: more })}</p>}
      {unnamed > 0 && <p class="hint">{language.say("peopleUnnamed", { count: unnamed })}</p>}
      <NameField />
      <p class="hint">{language.say("peopleProof")}</p>
    </Dialog>
  );
}
