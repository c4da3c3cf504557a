import type { JSX } from "preact";
import type { StreamSession } from "../state/stream-session.ts";
import { Composer } from "./composer.tsx";
import { useLanguage } from "./context.ts";
import { LogsSlot } from "../logs/logs-slot.tsx";
import { LogView } from "./log-view.tsx";
import { Notices } from "./notices.tsx";
import { StreamHeader } from "./stream-header.tsx";

/** The open stream. */
export function StreamView({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const ReadOnly = session.parts?.ReadOnly;
  const canWrite = ReadOnly === undefined && !session.over.value;
  return (
    <main
      class="stream-view"
      aria-labelledby="stream-name"
      data-ended={session.ended.value}
      data-leaving={session.isLeaving.value}
    >
      {canWrite && (
        <a class="skip" href="#draft" onClick={skipToDraft}>
          {language.t("skip")}
        </a>
      )}
      <StreamHeader session={session} />
      {session.view.current.value === "log" ? <LogsSlot session={session} /> : <LogView session={session} />}
      <div class="notices">
        <Notices session={session} />
      </div>
      {canWrite && <Composer session={session} />}
      {ReadOnly !== undefined && <ReadOnly />}
    </main>
  );
}

/** Moves the focus by hand: following the link would replace the fragment, which is the stream's name. */
function skipToDraft(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#draft")?.focus();
}
