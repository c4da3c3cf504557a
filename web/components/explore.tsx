import type { JSX } from "preact";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { MAX_STREAMS } from "../state/explorer.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { StreamRow } from "./stream-row.tsx";

/** Not a limit of the field, which has to take a whole link to recognise it. */
const MAX_NAME = 64;

/** The public streams, kept up to date. */
export function Explore(): JSX.Element {
  const { explorer, router } = useApp();
  const language = useLanguage();
  const streams = explorer.streams.value;
  return (
    <nav class="explore" aria-labelledby="explore-title">
      <header>
        <h2 id="explore-title">{language.t("explore")}</h2>
        <button class="icon-button" aria-label={language.t("newStream")} onClick={() => router.open("new")}>
          <Icon name="plus" />
        </button>
        <button
          class="icon-button"
          aria-label={language.t("settings")}
          onClick={() => router.open("settings")}
        >
          <Icon name="settings" />
        </button>
      </header>
      <input
        type="search"
        class="search"
        aria-label={language.t("search")}
        placeholder={language.t("search")}
        value={explorer.prefix}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={({ currentTarget: field }) => {
          const { value } = field;
          // A link is a secret, and a search is sent to the server.
          if (looksLikeLink(value)) router.openLink(value);
          field.value = looksLikeLink(value)
            ? ""
            : value.replaceAll(/[^A-Za-z0-9._~-]/g, "").slice(0, MAX_NAME);
          explorer.search(field.value);
        }}
      />
      <p class="explore-note" role="status">
        <ExploreNote />
      </p>
      <ul class="streams">
        {streams.map((stream) => (
          <StreamRow key={stream.name} stream={stream} />
        ))}
      </ul>
      {explorer.more.value && <p class="explore-note">{language.t("moreStreams", { count: MAX_STREAMS })}</p>}
    </nav>
  );
}

/** Shown instead of the list while it is loading, empty or failed. */
function ExploreNote(): JSX.Element | null {
  const { explorer } = useApp();
  const language = useLanguage();
  const prefix = explorer.prefix.value;
  switch (explorer.state.value) {
    case "failed":
      return <>{language.t("exploreFailed")}</>;
    case "loading":
      return <>{language.t("loading")}</>;
    default:
      if (explorer.streams.value.length > 0) return null;
      return <>{prefix === "" ? language.t("noStreams") : language.t("noMatch", { name: prefix })}</>;
  }
}
