import { useEffect, useRef } from "preact/hooks";
import type { LocalUser } from "../state/local-user.ts";
import type { StreamSession } from "../state/stream-session.ts";

/** How long a user is shown as typing after the last key press, in milliseconds. */
const PAUSE = 4000;

interface Typing {
  begin(text: string): void;
  end(): void;
}

/** Shows others that this user is typing, if the user has a name. */
export function useTyping(session: StreamSession, user: LocalUser): Typing {
  const timer = useRef<ReturnType<typeof setTimeout>>(null);
  const forget = (): void => {
    if (timer.current !== null) clearTimeout(timer.current);
  };
  const end = (): void => {
    forget();
    session.setPresence(user.name.peek(), "online");
  };
  useEffect(() => forget, [session]);
  return {
    begin(text) {
      if (text.trim() === "") {
        end();
        return;
      }
      forget();
      session.setPresence(user.name.peek(), "typing");
      timer.current = setTimeout(end, PAUSE);
    },
    end,
  };
}
