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

interface PipeStateProps {
  readonly state: State;
  /** Whether the other end is not connected. */
  readonly isAway: boolean;
}

/** The state of a pipe, always visible. */
export function PipeState({ state: { kind }, isAway }: PipeStateProps): JSX.Element {
  const language = useLanguage();
  const isGone = isAway && kind === "joined";
  return (
    <p class="state" data-state={isGone ? "reconnecting" : LOOKS[kind]}>
      <span role="status">
        {kind === "reconnecting" || kind === "closed"
          ? language.t(kind === "closed" ? "stateClosed" : "stateReconnecting")
          : texts().t(isGone ? "stateAway" : TEXTS[kind])}
      </span>
    </p>
  );
}
