import { useEffect, useRef } from "preact/hooks";
import type { Me } from "../state/me.ts";
import type { Talk } from "../state/talk.ts";

/** Who has not typed for so long is no longer typing, in milliseconds. */
const PAUSE = 4000;

interface Typing {
  begin(text: string): void;
  end(): void;
}

/** Tells others that this person, who has a name, is typing. */
export function useTyping(talk: Talk, me: Me): Typing {
  const timer = useRef<ReturnType<typeof setTimeout>>(null);
  const forget = (): void => {
    if (timer.current !== null) clearTimeout(timer.current);
  };
  const end = (): void => {
    forget();
    talk.present(me.name.peek(), "online");
  };
  useEffect(() => forget, [talk]);
  return {
    begin(text) {
      if (text.trim() === "") {
        end();
        return;
      }
      forget();
      talk.present(me.name.peek(), "typing");
      timer.current = setTimeout(end, PAUSE);
    },
    end,
  };
}
