import { render } from "preact";
import { Page } from "./components/page.tsx";
import { loadHome } from "./components/home-slot.tsx";
import { AppContext } from "./components/context.ts";
import { chooseLanguage } from "./language/choose.ts";
import { loadDictionary } from "./language/dictionary.ts";
import { Language } from "./language/language.ts";
import { App } from "./state/app.ts";
import { registerWorker } from "./worker-registration.ts";

/** How long the page waits for its style, in milliseconds. */
const STYLE_TIMEOUT = 5000;

// While the dictionary is loading. If it fails, the start page says so.
if (location.hash === "") loadHome().catch(() => {});
const tag = chooseLanguage();
const app = new App(new Language(tag, await loadDictionary(tag)));
const root = document.querySelector("#app");
await styleLoaded();
if (root !== null) {
  // Replaces what boot.ts drew, within one frame.
  root.replaceChildren();
  render(
    <AppContext.Provider value={app}>
      <Page />
    </AppContext.Provider>,
    root,
  );
}
registerWorker(() => app.router.stream);

/** Resolves when the style sheet has loaded, failed, or taken too long: the page works without it. */
async function styleLoaded(): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>("link[rel=stylesheet]");
  if (link === null || link.sheet !== null) return;
  await new Promise((resolve) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", resolve, { once: true });
    setTimeout(resolve, STYLE_TIMEOUT);
  });
}
