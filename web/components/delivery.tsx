import type { JSX } from "preact";
import { problemText } from "../language/problem-text.ts";
import type { PendingMessage } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { secondsUntil, useNow } from "./use-now.ts";

interface DeliveryProps {
  readonly session: StreamSession;
  readonly pending: PendingMessage;
}

/** The state of a pending message, with actions for one that failed. */
export function Delivery({ session, pending }: DeliveryProps): JSX.Element | null {
  const { state } = pending;
  switch (state.kind) {
    case "sending":
      return <Waiting session={session} />;
    case "failed":
      return <Failure session={session} pending={pending} state={state} />;
    case "sent":
      return null;
  }
}

function Waiting({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const isLive = session.connection.value.kind === "live";
  return (
    <span class="delivery" aria-hidden="true">
      {language.t(isLive ? "sending" : "waiting")}
    </span>
  );
}

interface FailureProps extends DeliveryProps {
  readonly state: Extract<PendingMessage["state"], { kind: "failed" }>;
}

function Failure({ session, pending, state }: FailureProps): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const { retryAt } = state;
  const now = useNow(retryAt !== undefined);
  const reason = problemText(language, state.code, state.reason);
  const duration = retryAt === undefined ? "" : language.duration(secondsUntil(retryAt, now));
  const edit = (): void => {
    const text = session.outgoing.discard(pending.key);
    if (text !== undefined) user.prependToDraft(session.name, text);
  };
  return (
    <div class="failure">
      <span class="delivery" aria-hidden={retryAt !== undefined}>
        {retryAt === undefined ? reason : language.t("retryIn", { reason, duration })}
      </span>
      {/* Without the countdown, which would be announced every second. */}
      {retryAt !== undefined && <span class="unseen">{reason}</span>}
      <button class="small" onClick={() => session.outgoing.retry(pending.key)}>
        {language.t(retryAt === undefined ? "retry" : "retryNow")}
      </button>
      <button class="small" onClick={edit}>
        {language.t("edit")}
      </button>
      <button class="small" onClick={() => session.outgoing.discard(pending.key)}>
        {language.t("discard")}
      </button>
    </div>
  );
}
