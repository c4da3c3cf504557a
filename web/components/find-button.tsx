import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";
import { IconButton } from "./icon-button.tsx";

/** Opens and closes the search in the messages. */
export function FindButton({ session }: { readonly session: StreamSession }): JSX.Element | null {
  const language = useLanguage();
  const { finding, view } = session;
  // The view of logs has a filter instead.
  if (view.current.value === "log") return null;
  return (
    <IconButton
      class="bar-tool"
      icon="search"
      label={language.t("find")}
      pressed={finding.value}
      onClick={() => {
        finding.value = !finding.value;
      }}
    />
  );
}
