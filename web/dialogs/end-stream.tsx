import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { problemText } from "../language/problem-text.ts";
import { MaltenError } from "../../src/client/index.ts";
import { Dialog } from "./dialog.tsx";

/** Ends the user's own stream, after a confirmation. */
export function EndStreamDialog(): JSX.Element | null {
  const { router, endStream } = useApp();
  const language = useLanguage();
  const [ending, setEnding] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();
  const end = endStream.value;
  if (end === undefined) return null;

  const confirm = (): void => {
    if (ending) return;
    setEnding(true);
    end().then(
      () => router.closeDialog(),
      (error: unknown) => {
        const code = error instanceof MaltenError ? error.code : "internal";
        setProblem(problemText(language, code, String(error)));
        setEnding(false);
      },
    );
  };

  return (
    <Dialog title={language.t("endTitle")}>
      <p>{language.t("endText")}</p>
      {problem !== undefined && (
        <p class="hint warn" role="alert">
          {problem}
        </p>
      )}
      <footer>
        <button class="quiet" data-first onClick={() => router.closeDialog()}>
          {language.t("cancel")}
        </button>
        <button class="primary fatal" aria-disabled={ending} onClick={confirm}>
          {language.t("endNow")}
        </button>
      </footer>
    </Dialog>
  );
}
