import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import { problemText } from "../language/problem-text.ts";
import { MaltenError } from "../../src/client/index.ts";

interface EndStreamProps {
  readonly end: () => Promise<void>;
  readonly onEnded: () => void;
}

/** Ends the user's own stream, after a confirmation. */
export function EndStream({ end, onEnded }: EndStreamProps): JSX.Element {
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();

  const press = ({ detail }: MouseEvent): void => {
    // The second click of a double click is not a confirmation.
    if (detail > 1) return;
    if (!asking) {
      setAsking(true);
      return;
    }
    end().then(onEnded, (error: unknown) => {
      const code = error instanceof MaltenError ? error.code : "internal";
      setProblem(problemText(language, code, String(error)));
    });
  };

  return (
    <>
      {problem !== undefined && <p role="alert">{problem}</p>}
      <button class="danger" onClick={press}>
        {language.t(asking ? "endSure" : "end")}
      </button>
    </>
  );
}
