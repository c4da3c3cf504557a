import type { JSX } from "preact";
import { useApp } from "../components/context.ts";
import { problemText } from "../language/problem-text.ts";
import { useLanguage } from "../components/context.ts";
import type { OpenPipe } from "./open-pipe.ts";
import { texts } from "./texts.ts";

/** Why a pipe is closed, and a way to a new one. */
export function PipeEnding({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const { router } = useApp();
  const isBad = pipe.ending.value !== "pipeEnded" && pipe.ending.value !== undefined;
  return (
    <div class={isBad ? "notice ending warn" : "notice ending"} role="alert">
      <p>
        <Reason pipe={pipe} />
      </p>
      <p class="notice-actions">
        <button class="quiet" onClick={() => router.open("new")}>
          {texts().t("pipeNew")}
        </button>
      </p>
    </div>
  );
}

function Reason({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const language = useLanguage();
  const state = pipe.state.value;
  const ending = pipe.ending.value;
  if (ending !== undefined) return <>{texts().t(ending)}</>;
  const error = state.kind === "closed" ? state.error : undefined;
  if (error === undefined) return <>{texts().t("pipeClosed")}</>;
  const reason =
    error.code === "pipe_broken" ? error.message : problemText(language, error.code, error.message);
  return <>{texts().t("pipeBroken", { reason })}</>;
}
