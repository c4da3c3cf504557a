import type { JSX } from "preact";
import type { PipeState as State } from "../../src/client/encrypted/index.ts";
import { useLanguage } from "../components/context.ts";
import { texts } from "./texts.ts";

const TEXTS = {
  waiting: "stateWaiting",
  joining: "stateJoining",
  joined: "stateJoined",
  throttled: "stateThrottled",
} as const;

/** Like the state of a stream's connection: the colours of these. */
const LOOKS: Readonly<Record<State["kind"], string>> = {
  waiting: "connecting",
  joining: "connecting",
  joined: "live",
  throttled: "live",
  reconnecting: "reconnecting",
  closed: "closed",
};

/** The state of a pipe, always visible. */
export function PipeState({ state: { kind } }: { readonly state: State }): JSX.Element {
  const language = useLanguage();
  return (
    <p class="state" data-state={LOOKS[kind]}>
      <span role="status">
        {kind === "reconnecting" || kind === "closed"
          ? language.t(kind === "closed" ? "stateClosed" : "stateReconnecting")
          : texts().t(TEXTS[kind])}
      </span>
    </p>
  );
}
