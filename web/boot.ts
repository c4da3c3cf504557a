// Inlined into the HTML: requests the newest messages and draws them while the rest of the page is loading, so that a stream can be read
// after two round trips. main.tsx does everything else and replaces what is drawn here.
import { looksLikeLink } from "../src/crypto/looks-like-link.ts";
import { isName } from "../src/protocol/name.ts";
import type { WireMessage } from "../src/protocol/message.ts";
import { chooseLanguage, type LanguageTag } from "./language/choose.ts";
import { isEncrypted } from "./state/address.ts";
import { FIRST_PAGE, FIRST_PAGE_TIMEOUT, type FirstPage } from "./state/first-page.ts";
import { hideLink } from "./state/link.ts";
import { rowsOf, type Authored } from "./state/runs.ts";
import { nameHue } from "./text/name-colour.ts";
import { applyTheme, storedTheme } from "./state/theme.ts";

/** The path of each dictionary; the paths of main.tsx and its imports, main.tsx first; the style sheet. Defined by the build. */
declare const DICTIONARIES: Readonly<Record<LanguageTag, string>>;
declare const MODULES: readonly [string, ...string[]];
declare const STYLE: { readonly href: string; readonly integrity: string };

/** How long other requests are held back for the messages, in milliseconds: everything else is larger and would delay them. */
const HEAD_START = 250;

if (looksLikeLink(location.hash)) hideLink();

// Before anything is painted in the wrong one.
applyTheme(storedTheme());

const stream = location.pathname === "/" ? location.hash.slice(1) : "";
if (isName(stream) && !isEncrypted(stream)) {
  document.documentElement.dataset["view"] = "stream";
  document.title = `${stream} · Malten`;
  const answer = fetch(`/messages?stream=${stream}&limit=${FIRST_PAGE}`, {
    signal: AbortSignal.timeout(FIRST_PAGE_TIMEOUT),
  });
  const page = answer.then(readPage);
  globalThis.firstPage = { stream, page };
  document.addEventListener("readystatechange", () => showName(stream), { once: true });
  // Created while waiting for the network: it is the most expensive step here.
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  page.then(
    ({ messages }) => show(messages, clock),
    () => {},
  );
  const headStart = new Promise((resolve) => {
    setTimeout(resolve, HEAD_START);
  });
  void Promise.race([answer, headStart]).then(loadMain, loadMain);
} else {
  loadMain();
}

/** Requests everything at once: otherwise the browser would discover the imports one by one. */
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

/** @throws TypeError if it is not a page of messages */
async function readPage(response: Response): Promise<FirstPage> {
  if (!response.ok) throw new TypeError(`HTTP ${response.status}`);
  const server = response.headers.get("malten-server");
  const messages: unknown = await response.json();
  if (server === null || !isMessages(messages)) throw new TypeError("Not a page of messages");
  return { server, messages };
}

function isMessages(value: unknown): value is WireMessage[] {
  return Array.isArray(value);
}

function showName(name: string): void {
  const heading = document.querySelector("[data-shell] .name");
  if (heading !== null) heading.textContent = name;
}

function timeOf({ Created }: WireMessage): Date {
  return new Date(Number(Created) / 1e6);
}

function authoredOf(message: WireMessage): Authored {
  return { author: message.Name ?? "", time: timeOf(message) };
}

function nameElement(name: string): HTMLElement {
  const element = document.createElement("bdi");
  element.className = "person-name";
  element.style.setProperty("--hue", String(nameHue(name)));
  element.textContent = name;
  return element;
}

function show(messages: readonly WireMessage[], clock: Intl.DateTimeFormat): void {
  const log = document.querySelector("[data-shell] .log");
  // main.tsx was faster, or the document is not parsed yet: main.tsx shows them.
  if (log === null) return;
  for (const { line, isFirst } of rowsOf(messages, authoredOf)) {
    const item = document.createElement("li");
    item.className = "message";
    item.dataset["first"] = String(isFirst);
    const author = document.createElement("span");
    author.className = "author";
    if (line.Name !== undefined) author.append(nameElement(line.Name));
    const time = document.createElement("time");
    time.textContent = clock.format(timeOf(line));
    const text = document.createElement("p");
    text.className = "body";
    text.dir = "auto";
    text.textContent = line.Text;
    item.append(author, time, text);
    log.append(item);
  }
  const scroller = log.parentElement;
  if (scroller !== null) scroller.scrollTop = scroller.scrollHeight;
}
