import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { problemText } from "../language/problem-text.ts";
import { MaltenError } from "../../src/client/index.ts";

/** Ends a stream created in this tab, after a confirmation. */
export function EndStream({ name }: { readonly name: string }): JSX.Element | null {
  const { user, router, session } = useApp();
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();
  const own = user.owned.value.get(name);
  if (own === undefined) return null;

  const press = ({ detail }: MouseEvent): void => {
    // The second click of a double click is not a confirmation.
    if (detail > 1) return;
    if (asking) void end(own.owner);
    else setAsking(true);
  };

  async function end(owner: string): Promise<void> {
    try {
      await session.peek()?.end(owner);
      user.removeOwned(name);
      router.closeDialog();
    } catch (error) {
      const code = error instanceof MaltenError ? error.code : "internal";
      setProblem(problemText(language, code, String(error)));
    }
  }

  return (
    <>
      {problem !== undefined && <p role="alert">{problem}</p>}
      <button class="danger" onClick={press}>
        {language.t(asking ? "endSure" : "end")}
      </button>
    </>
  );
}
