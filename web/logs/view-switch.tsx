import type { JSX } from "preact";
import { useLanguage } from "../components/context.ts";
import { IconButton } from "../components/icon-button.tsx";
import type { StreamSession } from "../state/stream-session.ts";

/** Changes between the views of people's talk and of machines' logs. */
export function ViewSwitch({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const isLog = session.view.current.value === "log";
  return (
    <IconButton
      class="bar-tool"
      icon={isLog ? "talk" : "log"}
      label={language.t(isLog ? "showAsTalk" : "showAsLog")}
      onClick={() => session.view.toggle()}
    />
  );
}
