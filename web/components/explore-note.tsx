import type { JSX } from "preact";
import { curlWrite } from "../text/curl.ts";
import { Command } from "./command.tsx";
import { useApp, useLanguage } from "./context.ts";

/** The stream of the example. */
const EXAMPLE = "hello";

/** Shown instead of the list while it is loading, empty or failed. */
export function ExploreNote(): JSX.Element {
  const { explorer, router } = useApp();
  const language = useLanguage();
  const prefix = explorer.prefix.value;
  const state = explorer.state.value;
  const isEmpty = state === "ready" && explorer.streams.value.length === 0;
  return (
    <>
      <p class="explore-note" role="status">
        {state === "failed" && language.t("exploreFailed")}
        {state === "loading" && language.t("loading")}
        {isEmpty && (prefix === "" ? language.t("noStreams") : language.t("noMatch", { name: prefix }))}
      </p>
      {isEmpty && prefix === "" && <Command text={curlWrite(location.origin, EXAMPLE)} />}
      {state === "ready" && prefix !== "" && !explorer.streams.value.some(({ name }) => name === prefix) && (
        <button class="small" onClick={() => router.go(prefix)}>
          {language.t("openNamed", { name: prefix })}
        </button>
      )}
    </>
  );
}
