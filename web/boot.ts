// Runs while the rest of the page is still on its way, and stands in the HTML itself: asks for the newest messages at once and shows them, so
// that a stream can be read after two round trips. Everything else is done by main.tsx, which takes over what is shown.
import { isName } from "../src/protocol/name.ts";
import type { WireMessage } from "../src/protocol/message.ts";
import { chooseLanguage, type LanguageTag } from "./language/choose.ts";
import { FIRST_PAGE } from "./state/first-page.ts";

/** Where each dictionary is; filled in by the build. */
declare const DICTIONARIES: Readonly<Record<LanguageTag, string>>;

const preload = document.createElement("link");
preload.rel = "modulepreload";
preload.href = DICTIONARIES[chooseLanguage()];
document.head.append(preload);

const stream = location.pathname === "/" ? location.hash.slice(1) : "";
document.documentElement.dataset["view"] = isName(stream) ? "stream" : "home";
if (isName(stream)) {
  document.title = `${stream} · Malten`;
  const messages = fetch(`/messages?stream=${stream}&limit=${FIRST_PAGE}`).then(async (response) => {
    if (!response.ok) throw new TypeError(`The server answered ${response.status}`);
    const page: unknown = await response.json();
    if (!isPage(page)) throw new TypeError("The server answered something else than messages");
    return page;
  });
  globalThis.firstPage = { stream, messages };
  messages.then(whenParsed, () => {});
}

function isPage(value: unknown): value is WireMessage[] {
  return Array.isArray(value);
}

function whenParsed(messages: readonly WireMessage[]): void {
  if (document.readyState !== "loading") show(messages);
  else document.addEventListener("readystatechange", () => show(messages), { once: true });
}

function show(messages: readonly WireMessage[]): void {
  const log = document.querySelector("[data-shell]");
  const name = document.querySelector(".name");
  // Main was faster.
  if (log === null || name === null) return;
  name.textContent = stream;
  for (const { Text, Created } of messages) {
    const item = document.createElement("li");
    item.className = "message";
    const text = document.createElement("p");
    text.dir = "auto";
    text.textContent = Text;
    const time = document.createElement("time");
    time.textContent = new Date(Number(Created) / 1e6).toLocaleTimeString([], {
      hour: "2-digit",
      minute: "2-digit",
    });
    item.append(text, time);
    log.append(item);
  }
  const scroller = log.parentElement;
  if (scroller !== null) scroller.scrollTop = scroller.scrollHeight;
}
