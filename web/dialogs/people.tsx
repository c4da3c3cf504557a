import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { PersonName } from "../components/person-name.tsx";
import { inOrder } from "../state/presence-list.ts";
import { NameField } from "./name-field.tsx";
import { Dialog } from "./dialog.tsx";

/** Who is listening: the people with a name, and the number of anonymous listeners. */
export function PeopleDialog(): JSX.Element {
  const { session, user } = useApp();
  const language = useLanguage();
  const people = session.value?.people;
  const known = people?.known.value ?? [];
  const more = people?.more.value ?? 0;
  const unnamed = Math.max(0, (people?.observers.value ?? 0) - known.length - more);
  return (
    <Dialog title={language.t("people")}>
      {known.length + unnamed === 0 && <p class="hint">{language.t("peopleNobody")}</p>}
      <ul class="people">
        {inOrder(known, user.name.value).map(({ name, status }) => (
          <li key={name}>
            <span class="person" data-status={status}>
              <PersonName name={name} />
              {name === user.name.value && <small> ({language.t("you")})</small>}
            </span>
            <small>{language.t(status)}</small>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="hint">{language.t("peopleMore", { count: more })}</p>}
      {unnamed > 0 && <p class="hint">{language.t("peopleUnnamed", { count: unnamed })}</p>}
      <NameField />
      <p class="hint">{language.t("peopleProof")}</p>
    </Dialog>
  );
}
