import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { MessageBox } from "./message-box.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useTyping } from "./use-typing.ts";

/** The message box of a stream, with who else is typing. */
export function Composer({ session }: { readonly session: StreamSession }): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const typing = useTyping(session, user);
  const send = (texts: readonly string[]): void => {
    typing.end();
    for (const text of texts) session.outgoing.send(text);
  };
  return (
    <MessageBox
      key={session.name}
      draft={user.draft(session.name)}
      placeholder={session.ended.value && session.parts === undefined ? language.t("startsAgain") : undefined}
      onSend={send}
      onInput={(text) => typing.begin(text)}
    >
      <TypingLine session={session} />
    </MessageBox>
  );
}
