import type { JSX } from "preact";
import type { StreamState } from "../../src/client/index.ts";
import type { Key } from "../language/dictionary.ts";
import type { Language } from "../language/language.ts";
import type { Talk } from "../state/talk.ts";
import { useApp, useLanguage } from "./context.ts";
import { secondsUntil, useNow } from "./use-now.ts";

type Kind = "connecting" | "live" | "reconnecting" | "offline" | "closed";

const WORDS = {
  connecting: "stateConnecting",
  live: "stateLive",
  reconnecting: "stateReconnecting",
  offline: "stateOffline",
  closed: "stateClosed",
} as const satisfies Record<Kind, Key>;

/** How the connection is, always in view. What is said aloud changes with the state, and not each second. */
export function StateChip({ talk }: { readonly talk: Talk }): JSX.Element {
  const { offline } = useApp();
  const language = useLanguage();
  const state = talk.connection.value;
  const kind = kindOf(state, offline.value);
  const retryAt =
    kind === "reconnecting" && state.kind === "reconnecting" ? state.retryAt.getTime() : undefined;
  const now = useNow(retryAt !== undefined);
  return (
    <p class="state" data-state={kind}>
      <span role="status" class={retryAt === undefined ? undefined : "unseen"}>
        {language.say(WORDS[kind])}
      </span>
      {retryAt !== undefined && (
        <span aria-hidden="true">{countdown(language, secondsUntil(retryAt, now))}</span>
      )}
    </p>
  );
}

function kindOf({ kind }: StreamState, offline: boolean): Kind {
  if (offline && kind !== "live") return "offline";
  // Before it has something to do.
  return kind === "idle" ? "connecting" : kind;
}

function countdown(language: Language, seconds: number): string {
  if (seconds === 0) return language.say("stateReconnecting");
  return language.say("stateReconnectingIn", { life: language.span(seconds) });
}
