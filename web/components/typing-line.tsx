import type { JSX } from "preact";
import type { Talk } from "../state/talk.ts";
import { useApp, useLanguage } from "./context.ts";

/** Who else is writing just now. Has its place also when nobody is, so that nothing jumps. */
export function TypingLine({ talk }: { readonly talk: Talk }): JSX.Element {
  const { me } = useApp();
  const language = useLanguage();
  const others = talk.people.typing.value.filter(({ name }) => name !== me.name.value);
  const [first] = others;
  return (
    <p class="typing-line">
      {first !== undefined && others.length === 1 && language.say("typingOne", { name: first.name })}
      {others.length > 1 && language.say("typingMany", { count: others.length })}
    </p>
  );
}
