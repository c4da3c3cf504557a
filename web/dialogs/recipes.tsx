import type { JSX } from "preact";
import { Command } from "../components/command.tsx";
import { useLanguage } from "../components/context.ts";
import type { Recipe } from "../text/commands.ts";

/** Commands and programs to copy, each with what it is for. */
export function Recipes({ recipes: all }: { readonly recipes: readonly Recipe[] }): JSX.Element {
  const language = useLanguage();
  return (
    <dl class="recipes">
      {all.map(({ label, text }) => (
        <div key={label}>
          <dt>{language.t(label)}</dt>
          <dd>
            <Command text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
