import { computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { Malten } from "../../src/client/index.ts";
import { loadDictionary } from "../language/dictionary.ts";
import { Language } from "../language/language.ts";
import { rememberLanguage, type LanguageTag } from "../language/choose.ts";
import { Explorer } from "./explorer.ts";
import { Me } from "./me.ts";
import { Notifier } from "./notifier.ts";
import { Router } from "./router.ts";
import { Talk } from "./talk.ts";

/** From this width on, the streams stand beside the one that is open. */
const WIDE = "(width >= 56rem)";

/** All that the page knows, put together. */
export class App {
  readonly malten = new Malten(location.origin);
  readonly router = new Router();
  readonly explorer = new Explorer(this.malten);
  readonly me = new Me();
  readonly notifier = new Notifier();
  readonly language: Signal<Language>;
  readonly talk: ReadonlySignal<Talk | undefined>;
  readonly offline = signal(!navigator.onLine);
  /** A part of the page could not be loaded: it is older than its server, or alone. */
  readonly partMissing = signal(false);
  readonly wide = signal(matchMedia(WIDE).matches);

  constructor(language: Language) {
    this.language = signal(language);
    this.talk = this.openTalks();
    matchMedia(WIDE).addEventListener("change", ({ matches }) => {
      this.wide.value = matches;
    });
    for (const event of ["online", "offline"]) {
      addEventListener(event, () => {
        this.offline.value = !navigator.onLine;
      });
    }
    document.addEventListener("visibilitychange", () => this.beSeen());
    const isListShown = computed(() => this.wide.value || this.router.view.value.kind !== "stream");
    effect(() => this.explorer.watch(isListShown.value));
    effect(() => this.entitle());
    effect(() => {
      document.documentElement.lang = this.language.value.tag;
      document.documentElement.dir = this.language.value.direction;
    });
  }

  /** The lifetime of the open stream in seconds, where it can be known: the stream is listed, or was made here. */
  readonly ttl = computed(() => {
    const name = this.router.stream ?? "";
    const listed = this.explorer.streams.value.find((stream) => stream.name === name);
    return this.me.owned.value.get(name)?.ttl ?? listed?.ttl;
  });

  async speak(tag: LanguageTag): Promise<void> {
    try {
      const dictionary = await loadDictionary(tag);
      this.language.value = new Language(tag, dictionary);
      rememberLanguage(tag);
    } catch {
      this.missPart();
    }
  }

  /** Says that a part is missing, which a dialog would lie over. */
  missPart(): void {
    this.router.closeDialog();
    this.partMissing.value = true;
  }

  rename(name: string): void {
    this.me.rename(name);
    this.talk.peek()?.present(name, "online");
  }

  /** One stream is open at a time, and closed when another is. What was on its way there is then a draft again: nobody would see it fail. */
  private openTalks(): ReadonlySignal<Talk | undefined> {
    const talk = signal<Talk | undefined>();
    effect(() => {
      const name = this.router.stream;
      const before = talk.peek();
      if (name === before?.name) return;
      if (before !== undefined) this.me.returnToDraft(before.name, ...before.close());
      talk.value =
        name === undefined
          ? undefined
          : new Talk(this.malten, name, this.me.name.peek(), (messages) => {
              void this.notifier.tell(name, messages);
            });
    });
    return talk;
  }

  private beSeen(): void {
    const talk = this.talk.peek();
    if (talk === undefined) return;
    talk.present(this.me.name.peek(), document.hidden ? "away" : "online");
    talk.log.setAtEnd(talk.log.atEnd.peek());
  }

  private entitle(): void {
    const talk = this.talk.value;
    const unread = talk?.log.unread.value ?? 0;
    const count = unread > 0 ? `(${unread}) ` : "";
    document.title = talk === undefined ? "Malten" : `${count}${talk.name} · Malten`;
  }
}
