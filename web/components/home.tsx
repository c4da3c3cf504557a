import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { DEFAULT_TTL, MAX_MESSAGES, MAX_TEXT } from "../../src/protocol/limits.ts";
import { addStyle } from "./add-style.ts";
import { useApp, useLanguage } from "./context.ts";
import css from "./home.css" with { type: "text" };
import { Icon } from "./icon.tsx";
import { LiveRing } from "./live-ring.tsx";
import { Logo } from "./logo.tsx";
import { StartPrivate } from "./start-private.tsx";
import { Uses } from "./uses.tsx";

addStyle(css);

/** The start page, shown when the URL names no stream. */
export function Home(): JSX.Element {
  const { router, malten } = useApp();
  const language = useLanguage();
  const [ttl, setTtl] = useState(DEFAULT_TTL);

  useEffect(() => {
    malten.limits().then(
      (limits) => setTtl(limits.ttl),
      () => {},
    );
  }, [malten]);

  const facts = { messages: MAX_MESSAGES, text: MAX_TEXT, duration: language.duration(ttl) };
  return (
    <main class="home start">
      <div class="start-inner">
        <h1 class="brand">
          <Logo />
          Malten
        </h1>
        <LiveRing />
        <p class="claim">{language.t("tagline")}</p>
        <div class="begin">
          <StartPrivate />
          <button class="quiet new" onClick={() => router.open("new")}>
            <Icon name="plus" />
            {language.t("newStream")}
          </button>
        </div>
        <Uses />
        <p class="facts">
          <span>{language.t("facts", facts)} </span>
          {language.t("nothingKept")}
        </p>
      </div>
    </main>
  );
}
