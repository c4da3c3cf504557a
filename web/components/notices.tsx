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

/** The server asked to wait before sending or connecting. */
function Paused({ error, retryAt }: PausedProps): JSX.Element {
  const language = useLanguage();
  const words = (duration: string): string => {
    if (error.code === "rate_limited") return language.t("tooFast", { duration });
    return language.t("retryIn", { reason: problemText(language, error.code, error.message), duration });
  };
  return <Countdown until={retryAt} subject={error.code} words={words} />;
}

/** The stream is about to expire. */
function Ending({
  session,
  expiresAt,
}: {
  readonly session: StreamSession;
  readonly expiresAt: number;
}): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const isOwn = user.owned.value.has(session.name);
  const words = (duration: string): string => language.t(isOwn ? "expiringOwn" : "expiring", { duration });
  return <Countdown until={expiresAt} subject={expiresAt} words={words} />;
}

interface CountdownProps {
  /** In milliseconds since 1970. */
  readonly until: number;
  /** What the notice is about. Another subject is announced again. */
  readonly subject: string | number;
  /** Returns the text for the remaining time. */
  words(this: void, duration: string): string;
}

/** A notice with the remaining time. Announced once; the countdown is only visible. */
function Countdown({ until, subject, words }: CountdownProps): JSX.Element {
  const language = useLanguage();
  const now = useNow(true);
  const textAt = (time: number): string => words(language.duration(secondsUntil(until, time)));
  return (
    <p class="notice warn">
      <span aria-hidden="true">{textAt(now)}</span>
      <Announcement text={textAt(Date.now())} key={subject} />
    </p>
  );
}
