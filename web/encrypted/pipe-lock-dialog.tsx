import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../components/context.ts";
import { Explanation } from "./lock-dialog.tsx";
import type { OpenPipe } from "./open-pipe.ts";
import { WordList } from "./pipe-words.tsx";
import { texts } from "./texts.ts";

/** What protects a pipe, the words to compare, and what can be done with it. */
export function PipeLockDialog({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const { router } = useApp();
  const [ending, setEnding] = useState(false);
  const isJoined = pipe.isJoined.value;
  const end = ({ detail }: MouseEvent): void => {
    // The second click of a double click is not a confirmation.
    if (detail > 1) return;
    if (!ending) {
      setEnding(true);
      return;
    }
    pipe.end();
    router.closeDialog();
  };
  const readmit = (): void => {
    pipe.readmit();
    router.closeDialog();
  };
  return (
    <Explanation protection="protectedPipe">
      {isJoined && (
        <>
          <p>{texts().t(pipe.isVerified.value ? "wordsVerified" : "wordsHint")}</p>
          <WordList pipe={pipe} />
        </>
      )}
      {isJoined && pipe.link !== undefined && (
        <>
          <p>{texts().t("readmitHint")}</p>
          <button class="quiet" onClick={readmit}>
            {texts().t("readmit")}
          </button>
        </>
      )}
      {pipe.state.value.kind !== "closed" && (
        <button class="danger" onClick={end}>
          {texts().t(ending ? "pipeLeaveSure" : "pipeLeave")}
        </button>
      )}
    </Explanation>
  );
}
