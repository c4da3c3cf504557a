import type { JSX } from "preact";
import type { MaltenError } from "../../src/client/index.ts";
import { problemText } from "../language/problem-text.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { Announcement } from "./announcement.tsx";
import { useApp, useLanguage } from "./context.ts";
import { secondsUntil, useNow } from "./use-now.ts";

/** The most important notice about the stream or the connection, shown above the message box. */
export function Notices({ session }: { readonly session: StreamSession }): JSX.Element | null {
  const { offline } = useApp();
  const language = useLanguage();
  const failure = session.failure.value;
  if (failure !== undefined) {
    return (
      <p class="notice warn" role="alert">
        {language.t("failed", { reason: failure.message })}
      </p>
    );
  }
  if (offline.value) {
    return (
      <p class="notice" role="status">
        {language.t("offlineNote")}
      </p>
    );
  }
  const state = session.connection.value;
  if (state.kind === "throttled" || (state.kind === "reconnecting" && state.error.retryAfter !== undefined))
    return <Paused error={state.error} retryAt={state.retryAt.getTime()} />;
  return session.expiresAt.value === undefined ? null : (
    <Ending session={session} expiresAt={session.expiresAt.value} />
  );
}

interface PausedProps {
  readonly error: MaltenError;
  readonly retryAt: number;
}

/** The server asked to wait before sending or connecting. Announced once; the countdown is only visible. */
function Paused({ error, retryAt }: PausedProps): JSX.Element {
  const language = useLanguage();
  const now = useNow(true);
  const words = (seconds: number): string => {
    const duration = language.duration(seconds);
    if (error.code === "rate_limited") return language.t("tooFast", { duration });
    return language.t("retryIn", { reason: problemText(language, error.code, error.message), duration });
  };
  return (
    <p class="notice warn">
      <span aria-hidden="true">{words(secondsUntil(retryAt, now))}</span>
      <Announcement text={words(secondsUntil(retryAt, Date.now()))} key={error.code} />
    </p>
  );
}

/** The stream is about to expire. Announced once; the countdown is only visible. */
function Ending({
  session,
  expiresAt,
}: {
  readonly session: StreamSession;
  readonly expiresAt: number;
}): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const now = useNow(true);
  const isOwn = user.owned.value.has(session.name);
  const words = (seconds: number): string =>
    language.t(isOwn ? "expiringOwn" : "expiring", { duration: language.duration(seconds) });
  return (
    <p class="notice warn">
      <span aria-hidden="true">{words(secondsUntil(expiresAt, now))}</span>
      <Announcement text={words(secondsUntil(expiresAt, Date.now()))} key={expiresAt} />
    </p>
  );
}
