import type { JSX } from "preact";
import { MAX_STREAMS } from "../state/explorer.ts";
import { useApp, useLanguage } from "./context.ts";
import { ExploreNote } from "./explore-note.tsx";
import { IconButton } from "./icon-button.tsx";
import { StreamRow } from "./stream-row.tsx";
import { StreamSearch } from "./stream-search.tsx";

/** The public streams, kept up to date. */
export function Explore(): JSX.Element {
  const { explorer, router } = useApp();
  const language = useLanguage();
  const streams = explorer.streams.value;
  return (
    <nav class="explore" aria-labelledby="explore-title" onKeyDown={moveByArrows}>
      <header>
        <h2 id="explore-title">{language.t("explore")}</h2>
        <IconButton icon="plus" label={language.t("newStream")} onClick={() => router.open("new")} />
        <IconButton icon="settings" label={language.t("settings")} onClick={() => router.open("settings")} />
      </header>
      <StreamSearch />
      <ExploreNote />
      <ul class="streams">
        {streams.map((stream) => (
          <StreamRow key={stream.name} stream={stream} />
        ))}
      </ul>
      {explorer.more.value && <p class="explore-note">{language.t("moreStreams", { count: MAX_STREAMS })}</p>}
    </nav>
  );
}

/** Moves between the search field and the streams. */
function moveByArrows(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(".search, .stream")];
  const next = stops[stops.findIndex((stop) => stop === document.activeElement) + step];
  if (next === undefined || document.activeElement?.matches(".search, .stream") !== true) return;
  event.preventDefault();
  next.focus();
}
