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
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), [talk]);

  const end = (): void => {
    clearTimeout(timer.current);
    talk.present(me.name.peek(), "online");
  };
  return {
    begin(text) {
      if (text.trim() === "") {
        end();
        return;
      }
      clearTimeout(timer.current);
      talk.present(me.name.peek(), "typing");
      timer.current = setTimeout(end, PAUSE);
    },
    end,
  };
}
