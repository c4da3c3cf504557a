import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { problemWords } from "../language/problem-words.ts";
import { MaltenError } from "../../src/client/index.ts";

/** Ends a stream that was made here, after asking. */
export function EndStream({ name }: { readonly name: string }): JSX.Element | null {
  const { me, router, talk } = useApp();
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();
  const own = me.owned.value.get(name);
  if (own === undefined) return null;

  const press = ({ detail }: MouseEvent): void => {
    // The second half of a double click is no answer.
    if (detail > 1) return;
    if (asking) void end(own.owner);
    else setAsking(true);
  };

  async function end(owner: string): Promise<void> {
    try {
      await talk.peek()?.end(owner);
      me.disown(name);
      router.closeDialog();
    } catch (error) {
      const code = error instanceof MaltenError ? error.code : "internal";
      setProblem(problemWords(language, code, String(error)));
    }
  }

  return (
    <>
      {problem !== undefined && <p role="alert">{problem}</p>}
      <button class="danger" onClick={press}>
        {language.say(asking ? "endSure" : "end")}
      </button>
    </>
  );
}
