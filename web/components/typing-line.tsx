import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";

/** Who else is typing. Takes up space even when empty, so that the layout does not jump. */
export function TypingLine({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const others = session.people.typing.value.filter(({ name }) => name !== user.name.value);
  const [first] = others;
  return (
    <p class="typing-line">
      {first !== undefined && others.length === 1 && language.t("typingOne", { name: first.name })}
      {others.length > 1 && language.t("typingMany", { count: others.length })}
    </p>
  );
}
