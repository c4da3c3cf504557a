// Runs while the rest of the page is still on its way, and stands in the HTML itself: asks for the newest messages at once and shows them, so
// that a stream can be read after two round trips. Everything else is done by main.tsx, which takes over what is shown.
import { isName } from "../src/protocol/name.ts";
import type { WireMessage } from "../src/protocol/message.ts";
import { chooseLanguage, type LanguageTag } from "./language/choose.ts";
import { FIRST_PAGE, FIRST_PAGE_TIMEOUT } from "./state/first-page.ts";

/** Where each dictionary is, and what main.tsx became, itself first; filled in by the build. */
declare const DICTIONARIES: Readonly<Record<LanguageTag, string>>;
declare const MODULES: readonly [string, ...string[]];
declare const STYLE: { readonly href: string; readonly integrity: string };

/** How long the messages have the network for themselves, in milliseconds. All else is larger, and would be in their way. */
const LEAD = 250;

const stream = location.pathname === "/" ? location.hash.slice(1) : "";
if (isName(stream)) {
  document.documentElement.dataset["view"] = "stream";
  document.title = `${stream} · Malten`;
  const answer = fetch(`/messages?stream=${stream}&limit=${FIRST_PAGE}`, {
    signal: AbortSignal.timeout(FIRST_PAGE_TIMEOUT),
  });
  const messages = answer.then(async (response) => {
    if (!response.ok) throw new TypeError(`The server answered ${response.status}`);
    const page: unknown = await response.json();
    if (!isPage(page)) throw new TypeError("The server answered something else than messages");
    return page;
  });
  globalThis.firstPage = { stream, messages };
  document.addEventListener("readystatechange", () => showName(stream), { once: true });
  // Made while the network is waited for: it is the dearest of all that is done here.
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  messages.then(
    (page) => show(page, clock),
    () => {},
  );
  const lead = new Promise((resolve) => {
    setTimeout(resolve, LEAD);
  });
  void Promise.race([answer, lead]).then(loadMain, loadMain);
} else {
  loadMain();
}

/** All at once: what imports what is known, and would otherwise be found out one by one. */
function loadMain(): void {
  const style = addLink("stylesheet", STYLE.href);
  style.integrity = STYLE.integrity;
  for (const path of [...MODULES, DICTIONARIES[chooseLanguage()]]) addLink("modulepreload", path);
  void import(MODULES[0]);
}

function addLink(rel: string, href: string): HTMLLinkElement {
  const link = document.createElement("link");
  link.rel = rel;
  link.href = href;
  document.head.append(link);
  return link;
}

function isPage(value: unknown): value is WireMessage[] {
  return Array.isArray(value);
}

function showName(name: string): void {
  const heading = document.querySelector("[data-shell] .name");
  if (heading !== null) heading.textContent = name;
}

function show(messages: readonly WireMessage[], clock: Intl.DateTimeFormat): void {
  const log = document.querySelector("[data-shell] .log");
  // Main was faster, or the document slower: then main shows them.
  if (log === null) return;
  for (const { Text, Created } of messages) {
    const item = document.createElement("li");
    item.className = "message";
    const text = document.createElement("p");
    text.dir = "auto";
    text.textContent = Text;
    const time = document.createElement("time");
    time.textContent = clock.format(Number(Created) / 1e6);
    item.append(text, time);
    log.append(item);
  }
  const scroller = log.parentElement;
  if (scroller !== null) scroller.scrollTop = scroller.scrollHeight;
}
