import type { JSX } from "preact";
import { useLanguage } from "../components/context.ts";
import { Icon } from "../components/icon.tsx";
import type { StreamSession } from "../state/stream-session.ts";

/** Changes between the views of people's talk and of machines' logs. */
export function ViewSwitch({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const isLog = session.view.current.value === "log";
  const label = language.t(isLog ? "showAsTalk" : "showAsLog");
  return (
    <button
      class="icon-button bar-tool"
      aria-label={label}
      title={label}
      onClick={() => session.view.toggle()}
    >
      <Icon name={isLog ? "talk" : "log"} />
    </button>
  );
}
