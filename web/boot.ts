// Inlined into the HTML: draws the messages that first-request.ts requested while the rest of the page is loading, so that a stream can
// be read after two round trips. main.tsx does everything else and replaces what is drawn here.
import type { WireMessage } from "../src/protocol/message.ts";
import { chooseLanguage, type LanguageTag } from "./language/choose.ts";
import { rowsOf, type Authored } from "./state/runs.ts";
import { nameHue } from "./text/name-colour.ts";
import { applyTheme, storedTheme } from "./state/theme.ts";

/** The path of each dictionary; the paths of main.tsx and its imports, main.tsx first; the style sheet. Defined by the build. */
declare const DICTIONARIES: Readonly<Record<LanguageTag, string>>;
declare const MODULES: readonly [string, ...string[]];
declare const STYLE: { readonly href: string; readonly integrity: string };

/**
 * How long other requests are held back for the messages, in milliseconds: everything else is larger and would delay them. Enough for
 * 5 kB at 50 kB/s, and over before the messages arrive, so that it does not delay drawing them either.
 */
const HEAD_START = 100;

// Before anything is painted in the wrong one.
applyTheme(storedTheme());

const first = globalThis.firstPage;
if (first === undefined) {
  loadMain();
} else {
  const { stream, page } = first;
  document.documentElement.dataset["view"] = "stream";
  document.title = `${stream} · Malten`;
  // Created while waiting for the network: it is the most expensive step here.
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  document.addEventListener(
    "readystatechange",
    () => {
      showName(stream);
      rehearse(stream, clock);
    },
    { once: true },
  );
  const shown = page.then(({ messages }) => show(messages, clock));
  const headStart = new Promise((resolve) => {
    setTimeout(resolve, HEAD_START);
  });
  void Promise.race([shown, headStart]).then(loadMain, loadMain);
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

function showName(name: string): void {
  const heading = document.querySelector("[data-shell] .name");
  if (heading !== null) heading.textContent = name;
}

/** Lays out a message and removes it, while waiting for the network: the fonts and the style are loaded when there are messages. */
function rehearse(Stream: string, clock: Intl.DateTimeFormat): void {
  const log = document.querySelector("[data-shell] .log");
  if (log === null || log.firstChild !== null) return;
  show([{ Id: "", Text: "a", Type: "message", Created: "0", Stream, Metadata: null, Name: "a" }], clock);
  log.replaceChildren();
}

function timeOf({ Created }: WireMessage): Date {
  return new Date(Number(Created) / 1e6);
}

function authoredOf(message: WireMessage): Authored {
  return { author: message.Name ?? "", time: timeOf(message) };
}

function authorElement(name: string | undefined): HTMLElement {
  const element = document.createElement("span");
  element.className = "author";
  if (name !== undefined) element.append(nameElement(name));
  return element;
}

function timeElement(time: string): HTMLElement {
  const element = document.createElement("time");
  element.textContent = time;
  return element;
}

function textElement(text: string): HTMLElement {
  const element = document.createElement("p");
  element.className = "body";
  element.dir = "auto";
  element.textContent = text;
  return element;
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
    // The others of a run show neither.
    if (isFirst) item.append(authorElement(line.Name), timeElement(clock.format(timeOf(line))));
    item.append(textElement(line.Text));
    log.append(item);
  }
  const scroller = log.parentElement;
  if (scroller !== null) scroller.scrollTop = scroller.scrollHeight;
}
