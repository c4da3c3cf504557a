import type { JSX } from "preact";
import { problemWords } from "../language/problem-words.ts";
import type { Pending } from "../state/entry.ts";
import type { Talk } from "../state/talk.ts";
import { useApp, useLanguage } from "./context.ts";
import { secondsUntil, useNow } from "./use-now.ts";

interface DeliveryProps {
  readonly talk: Talk;
  readonly pending: Pending;
}

/** How a message on its way is getting on, and what can be done about one that did not get there. */
export function Delivery({ talk, pending }: DeliveryProps): JSX.Element | null {
  const { state } = pending;
  switch (state.kind) {
    case "sending":
      return <Waiting talk={talk} />;
    case "failed":
      return <Failure talk={talk} pending={pending} state={state} />;
    case "sent":
      return null;
  }
}

function Waiting({ talk }: { readonly talk: Talk }): JSX.Element {
  const language = useLanguage();
  const isLive = talk.connection.value.kind === "live";
  return (
    <span class="delivery" aria-hidden="true">
      {language.say(isLive ? "sending" : "waiting")}
    </span>
  );
}

interface FailureProps extends DeliveryProps {
  readonly state: Extract<Pending["state"], { kind: "failed" }>;
}

function Failure({ talk, pending, state }: FailureProps): JSX.Element {
  const { me } = useApp();
  const language = useLanguage();
  const { retryAt } = state;
  const now = useNow(retryAt !== undefined);
  const reason = problemWords(language, state.code, state.reason);
  const life = retryAt === undefined ? "" : language.span(secondsUntil(retryAt, now));
  const edit = (): void => {
    const text = talk.outbox.discard(pending.key);
    if (text !== undefined) me.returnToDraft(talk.name, text);
  };
  return (
    <div class="failure">
      <span class="delivery" aria-hidden={retryAt !== undefined}>
        {retryAt === undefined ? reason : language.say("retryIn", { reason, life })}
      </span>
      {/* Without the seconds, which would be said aloud each time. */}
      {retryAt !== undefined && <span class="unseen">{reason}</span>}
      <button class="small" onClick={() => talk.outbox.retry(pending.key)}>
        {language.say(retryAt === undefined ? "retry" : "retryNow")}
      </button>
      <button class="small" onClick={edit}>
        {language.say("edit")}
      </button>
      <button class="small" onClick={() => talk.outbox.discard(pending.key)}>
        {language.say("discard")}
      </button>
    </div>
  );
}
