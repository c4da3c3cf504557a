import type { ComponentChildren, JSX } from "preact";
import type { MaltenError } from "../../src/client/index.ts";
import { problemText } from "../language/problem-text.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { Announcement } from "./announcement.tsx";
import { useApp, useLanguage } from "./context.ts";
import { EndedPanel } from "./ended-panel.tsx";
import { useSecondsLeft } from "./use-seconds-left.ts";

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
  if (session.ended.value) return <EndedPanel session={session} />;
  // The state of the connection announces it.
  if (offline.value) return <p class="notice">{language.t("offlineNote")}</p>;
  const state = session.connection.value;
  if (state.kind === "throttled" || (state.kind === "reconnecting" && state.error.retryAfter !== undefined))
    return <Paused error={state.error} retryAt={state.retryAt.getTime()} />;
  const expiresAt = session.life.expiresAt.value;
  return session.life.isEnding.value && expiresAt !== undefined ? (
    <Ending session={session} expiresAt={expiresAt} />
  ) : null;
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

interface EndingProps {
  readonly session: StreamSession;
  readonly expiresAt: number;
}

/** The stream is about to expire. Only a message keeps it alive, so the button says which one it sends. */
function Ending({ session, expiresAt }: EndingProps): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const isOwn = user.owned.value.has(session.name);
  const words = (duration: string): string => language.t(isOwn ? "expiringOwn" : "expiring", { duration });
  const text = language.t("keepAliveText");
  const keepAlive = (): void => {
    session.outgoing.send(text, user.name.peek());
    // The button is about to go.
    document.querySelector<HTMLElement>("#draft")?.focus();
  };
  return (
    <Countdown until={expiresAt} subject={expiresAt} words={words}>
      {session.parts?.ReadOnly === undefined && (
        <button class="small" onClick={keepAlive}>
          {language.t("keepAlive", { text })}
        </button>
      )}
    </Countdown>
  );
}

interface CountdownProps {
  /** In milliseconds since 1970. */
  readonly until: number;
  /** What the notice is about. Another subject is announced again. */
  readonly subject: string | number;
  /** Returns the text for the remaining time. */
  words(this: void, duration: string): string;
  /** What can be done about it. */
  readonly children?: ComponentChildren;
}

/** A notice with the remaining time. Announced once; the countdown is only visible. */
function Countdown({ until, subject, words, children }: CountdownProps): JSX.Element {
  const language = useLanguage();
  const text = words(language.duration(useSecondsLeft(until)));
  return (
    <div class="notice warn">
      <p>
        <span aria-hidden="true">{text}</span>
        <Announcement text={text} key={subject} />
      </p>
      {children}
    </div>
  );
}
