import type { JSX } from "preact";
import type { Talk } from "../state/talk.ts";
import { Composer } from "./composer.tsx";
import { useLanguage } from "./context.ts";
import { LogView } from "./log-view.tsx";
import { Notices } from "./notices.tsx";
import { TalkHeader } from "./talk-header.tsx";

/** The stream that is open. */
export function TalkView({ talk }: { readonly talk: Talk }): JSX.Element {
  const language = useLanguage();
  return (
    <main class="talk" aria-labelledby="stream-name">
      <a class="skip" href="#draft" onClick={skipToDraft}>
        {language.say("skip")}
      </a>
      <TalkHeader talk={talk} />
      <LogView talk={talk} />
      <Notices talk={talk} />
      <Composer talk={talk} />
    </main>
  );
}

/** The address names the stream, and must not name a place on the page. */
function skipToDraft(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#draft")?.focus();
}
