import type { JSX } from "preact";
import type { StreamState } from "../../src/client/index.ts";
import type { Key } from "../language/dictionary.ts";
import type { Language } from "../language/language.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { secondsUntil, useNow } from "./use-now.ts";

type Kind = "connecting" | "live" | "reconnecting" | "offline" | "closed" | "ended";

const TEXTS = {
  connecting: "stateConnecting",
  live: "stateLive",
  reconnecting: "stateReconnecting",
  offline: "stateOffline",
  closed: "stateClosed",
  ended: "stateEnded",
} as const satisfies Record<Kind, Key>;

/** The state of the connection, always visible. Screen readers hear each change of state, not the countdown. */
export function StateChip({ session }: { readonly session: StreamSession }): JSX.Element {
  const { offline } = useApp();
  const language = useLanguage();
  const state = session.connection.value;
  const kind = session.ended.value && !offline.value ? "ended" : kindOf(state, offline.value);
  const retryAt =
    kind === "reconnecting" && state.kind === "reconnecting" ? state.retryAt.getTime() : undefined;
  const now = useNow(retryAt !== undefined);
  return (
    <p class="state" data-state={kind}>
      <span role="status" class={retryAt === undefined ? undefined : "unseen"}>
        {language.t(TEXTS[kind])}
      </span>
      {retryAt !== undefined && (
        <span aria-hidden="true">{countdown(language, secondsUntil(retryAt, now))}</span>
      )}
    </p>
  );
}

function kindOf({ kind }: StreamState, offline: boolean): Kind {
  // The connection may seem to live until it is found lost.
  if (offline) return "offline";
  // Not listening yet.
  if (kind === "idle") return "connecting";
  // It receives messages. The message box says that sending is paused.
  return kind === "throttled" ? "live" : kind;
}

function countdown(language: Language, seconds: number): string {
  if (seconds === 0) return language.t("stateReconnecting");
  return language.t("stateReconnectingIn", { duration: language.duration(seconds) });
}
