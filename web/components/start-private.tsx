import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { problemText } from "../language/problem-text.ts";
import { linkTo } from "../state/address.ts";
import { copyText } from "../text/copy.ts";
import { MaltenError } from "../../src/client/index.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";

/** Creates a private stream, opens it and copies its link: a room that others can be asked into, in one click. */
export function StartPrivate(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const [problem, setProblem] = useState<string | undefined>();

  const start = async (): Promise<void> => {
    setProblem(undefined);
    const created = app.malten.create({ private: true });
    const copied = copyText(created.then(({ name }) => linkTo(name)));
    try {
      app.show(await created);
    } catch (error) {
      const [code, reason] =
        error instanceof MaltenError ? [error.code, error.message] : ["internal", String(error)];
      setProblem(problemText(language, code, reason));
      return;
    }
    if (await copied) app.say(language.t("linkCopied"));
    else app.router.open("share");
  };

  return (
    <>
      <button class="primary" onClick={() => void start()}>
        <Icon name="lock" />
        {language.t("startPrivate")}
      </button>
      {problem !== undefined && (
        <p class="hint warn" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
