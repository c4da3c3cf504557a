import type { JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { DEFAULT_STREAM, isName } from "../../src/protocol/name.ts";
import { DEFAULT_TTL, MAX_MESSAGES, MAX_TEXT } from "../../src/protocol/limits.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";
import { LinkTo } from "./link-to.tsx";
import { Logo } from "./logo.tsx";

/** The start page, shown when the URL names no stream. */
export function Home(): JSX.Element {
  const { router, malten } = useApp();
  const language = useLanguage();
  const [name, setName] = useState("");
  const [invalid, setInvalid] = useState(false);
  const [ttl, setTtl] = useState(DEFAULT_TTL);

  useEffect(() => {
    malten.limits().then(
      (limits) => setTtl(limits.ttl),
      () => {},
    );
  }, [malten]);

  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (looksLikeLink(name)) {
      setName("");
      router.openLink(name);
      return;
    }
    const wanted = name.trim().replace(/^#/, "");
    if (isName(wanted)) router.go(wanted);
    else setInvalid(true);
  }

  const facts = { messages: MAX_MESSAGES, text: MAX_TEXT, duration: language.duration(ttl) };
  return (
    <main class="home">
      <div class="home-inner">
        <Logo />
        <h1>Malten</h1>
        <p class="tagline">{language.t("tagline")}</p>
        <form class="open" onSubmit={submit}>
          <input
            aria-label={language.t("openLabel")}
            aria-describedby={invalid ? "open-hint" : undefined}
            aria-invalid={invalid}
            placeholder={language.t("openLabel")}
            value={name}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            dir="ltr"
            onInput={(event) => {
              setName(event.currentTarget.value);
              setInvalid(false);
            }}
          />
          <button class="primary">{language.t("open")}</button>
        </form>
        {invalid && (
          <p id="open-hint" class="hint warn" role="alert">
            {language.t("openHint")}
          </p>
        )}
        <p class="choices">
          <button class="quiet" onClick={() => router.open("new")}>
            <Icon name="plus" />
            {language.t("newStream")}
          </button>
          <LinkTo class="button quiet" stream={DEFAULT_STREAM}>
            {language.t("commonRoom")}
          </LinkTo>
        </p>
        <p class="facts">{language.t("facts", facts)}</p>
      </div>
    </main>
  );
}
