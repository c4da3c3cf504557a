import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { MessageBox } from "./message-box.tsx";
import { NamePrompt } from "./name-prompt.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useName } from "./use-name.ts";
import { useTyping } from "./use-typing.ts";

/** The message box of a stream, with who else is typing. Asks for the user's name with the first message. */
export function Composer({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const typing = useTyping(session, user);
  const input = useName();
  const draft = user.draft(session.name);
  const isAsking = !user.isAsked.value && (draft.value.trim() !== "" || input.name !== "");
  const send = (texts: readonly string[]): boolean => {
    if (!user.isAsked.peek() && !input.save()) return false;
    user.setAsked();
    typing.end();
    for (const text of texts) session.outgoing.send(text, user.name.peek());
    return true;
  };
  return (
    <MessageBox
      key={session.name}
      draft={draft}
      placeholder={placeholderOf()}
      onSend={send}
      onInput={(text) => typing.begin(text)}
    >
      <TypingLine session={session} />
      {isAsking && <NamePrompt input={input} />}
    </MessageBox>
  );

  function placeholderOf(): string | undefined {
    if (session.ended.value && session.parts === undefined) return language.t("startsAgain");
    const name = user.name.value;
    return name === "" ? undefined : language.t("messageAs", { name });
  }
}
