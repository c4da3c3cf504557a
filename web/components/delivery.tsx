import type { JSX } from "preact";
import { problemText } from "../language/problem-text.ts";
import type { PendingMessage } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { focusDraft } from "./message-box.tsx";

interface DeliveryProps {
  readonly session: StreamSession;
  readonly pending: PendingMessage;
}

/** The state of a pending message, with actions for one that failed or that the server asked to send later. */
export function Delivery({ session, pending }: DeliveryProps): JSX.Element | null {
  const language = useLanguage();
  const { state } = pending;
  const connection = session.connection.value.kind;
  if (state.kind === "sent") return null;
  if (state.kind === "sending" && connection !== "throttled") {
    return (
      <span class="delivery" aria-hidden="true">
        {language.t(connection === "live" ? "sending" : "waiting")}
      </span>
    );
  }
  return (
    <div class="failure">
      {state.kind === "sending" ? (
        <span class="delivery" aria-hidden="true">
          {language.t("queued")}
        </span>
      ) : (
        <span class="delivery">{problemText(language, state.code, state.reason)}</span>
      )}
      <Actions session={session} pending={pending} />
    </div>
  );
}

function Actions({ session, pending: { key, state } }: DeliveryProps): JSX.Element {
  const { user } = useApp();
  const language = useLanguage();
  const edit = (): void => {
    const text = session.outgoing.discard(key);
    if (text !== undefined) user.prependToDraft(session.name, text);
    focusDraft();
  };
  return (
    <div class="failure-actions">
      {state.kind === "failed" && (
        <button class="small" onClick={() => session.outgoing.retry(key)}>
          {language.t("retry")}
        </button>
      )}
      <button class="small" onClick={edit}>
        {language.t("edit")}
      </button>
      <button class="small" onClick={() => session.outgoing.discard(key)}>
        {language.t("discard")}
      </button>
    </div>
  );
}
