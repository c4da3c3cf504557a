import type { JSX } from "preact";
import { DEFAULT_STREAM } from "../../src/protocol/name.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { LinkTo } from "./link-to.tsx";

/** What Malten is for, each with a way to try it. */
export function Uses(): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  return (
    <ul class="uses">
      <li>
        <LinkTo class="use" stream={DEFAULT_STREAM}>
          <Icon name="talk" />
          <strong>{language.t("useTalk")}</strong>
          <span>{language.t("useTalkHint")}</span>
          <em>{language.t("commonRoom")}</em>
        </LinkTo>
      </li>
      <li>
        <button class="use" onClick={() => router.open("terminal")}>
          <Icon name="terminal" />
          <strong>{language.t("useLogs")}</strong>
          <span>{language.t("useLogsHint")}</span>
          <em>{language.t("terminal")}</em>
        </button>
      </li>
      <li>
        <button class="use" onClick={() => router.open("new", "encrypted")}>
          <Icon name="lock" />
          <strong>{language.t("useSecret")}</strong>
          <span>{language.t("useSecretHint")}</span>
          <em>{language.t("useSecretTry")}</em>
        </button>
      </li>
    </ul>
  );
}
