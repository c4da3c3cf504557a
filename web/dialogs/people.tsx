import type { JSX } from "preact";
import type { Person } from "../../src/client/index.ts";
import { useApp, useLanguage } from "../components/context.ts";
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
              <bdi>{name}</bdi>
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

/** The user first, then those who are here, then those who are away, each by name. Nobody moves by typing. */
function inOrder(people: readonly Person[], own: string): Person[] {
  const rank = ({ name, status }: Person): number => (name === own ? 0 : status === "away" ? 2 : 1);
  return people.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
