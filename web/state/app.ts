import { computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { Malten } from "../../src/client/index.ts";
import { loadDictionary } from "../language/dictionary.ts";
import { Language } from "../language/language.ts";
import { rememberLanguage, type LanguageTag } from "../language/choose.ts";
import type { EncryptedStreams } from "../encrypted/encrypted-streams.ts";
import type { OpenStream } from "../encrypted/open-stream.tsx";
import { streamTitle } from "../text/stream-title.ts";
import { isEncrypted } from "./address.ts";
import type { MessageEntry } from "./entry.ts";
import { Explorer } from "./explorer.ts";
import { LocalUser, type OwnStream } from "./local-user.ts";
import { Notifier } from "./notifier.ts";
import { Router } from "./router.ts";
import { StreamSession } from "./stream-session.ts";
import { applyTheme, rememberTheme, storedTheme } from "./theme.ts";

/** From this width on, the stream list is beside the open stream. */
const WIDE = "(width >= 56rem)";

/** The state of the whole page. */
export class App {
  readonly malten = new Malten(location.origin);
  readonly router = new Router();
  readonly explorer = new Explorer(this.malten);
  readonly user = new LocalUser();
  readonly notifier = new Notifier();
  readonly language: Signal<Language>;
  readonly session: ReadonlySignal<StreamSession | undefined>;
  readonly offline = signal(!navigator.onLine);
  readonly theme = signal(storedTheme());
  /** What has just been done, to be said for a moment. */
  readonly toast = signal<{ readonly text: string } | undefined>();
  /** Part of the page failed to load: the server runs another version, or is unreachable. */
  readonly reloadNeeded = signal(false);
  /** What was opened with links in this tab; undefined before it is needed. */
  readonly encrypted = signal<EncryptedStreams | undefined>();
  readonly wide = signal(matchMedia(WIDE).matches);

  constructor(language: Language) {
    this.language = signal(language);
    this.session = this.trackSession();
    matchMedia(WIDE).addEventListener("change", ({ matches }) => {
      this.wide.value = matches;
    });
    for (const event of ["online", "offline"]) {
      addEventListener(event, () => {
        this.offline.value = !navigator.onLine;
      });
    }
    document.addEventListener("visibilitychange", () => this.onVisibilityChange());
    const isListShown = computed(() => this.wide.value || this.router.view.value.kind !== "stream");
    effect(() => this.explorer.watch(isListShown.value));
    effect(() => this.updateTitle());
    effect(() => this.forgetEnded());
    effect(() => {
      applyTheme(this.theme.value);
      rememberTheme(this.theme.value);
    });
    effect(() => {
      document.documentElement.lang = this.language.value.tag;
      document.documentElement.dir = this.language.value.direction;
    });
  }

  /** Ends the open stream; undefined unless the user may. @throws MaltenError */
  readonly endStream = computed((): (() => Promise<void>) | undefined => {
    const session = this.session.value;
    if (session?.parts !== undefined) return session.parts.end;
    const own = this.user.owned.value.get(session?.name ?? "");
    return own === undefined ? undefined : () => this.malten.stream(own.name).end(own.owner);
  });

  /** Returns the idle time-to-live in seconds of a stream that a message creates. @throws MaltenError */
  async defaultTtl(): Promise<number> {
    return (await this.malten.limits()).ttl;
  }

  async setLanguage(tag: LanguageTag): Promise<void> {
    try {
      const dictionary = await loadDictionary(tag);
      this.language.value = new Language(tag, dictionary);
      rememberLanguage(tag);
    } catch {
      this.showReloadNotice();
    }
  }

  /** Loads what encrypted streams need, once. If that fails, says so and returns undefined. */
  async loadEncrypted(): Promise<EncryptedStreams | undefined> {
    try {
      const module = await import("../encrypted/encrypted-streams.ts");
      await module.loadTexts(this.language.peek().tag);
      this.encrypted.value ??= new module.EncryptedStreams(this);
    } catch {
      this.showReloadNotice();
    }
    return this.encrypted.value;
  }

  /** Shows the notice that part of the page failed to load, and closes the dialog that would cover it. */
  showReloadNotice(): void {
    this.router.closeDialog();
    this.reloadNeeded.value = true;
  }

  /** Shows a text for a moment. Each call is announced, also one with the same text. */
  say(text: string): void {
    this.toast.value = { text };
  }

  /** Opens a stream that was just created. */
  show(stream: OwnStream): void {
    this.user.addOwned(stream);
    this.explorer.refresh();
    this.router.go(stream.name);
  }

  rename(name: string): void {
    this.user.rename(name);
    this.session.peek()?.setPresence(name, "online");
  }

  /** Tracks the stream in the URL with a session. Unsent messages of the previous session go back into its draft, where they are seen. */
  private trackSession(): ReadonlySignal<StreamSession | undefined> {
    const session = signal<StreamSession | undefined>();
    let shown: OpenStream | undefined;
    effect(() => {
      const name = this.router.stream;
      const before = session.peek();
      const opened = name === undefined ? undefined : this.encrypted.value?.stream(name);
      if (name === before?.name && opened === shown) return;
      shown = opened;
      if (before !== undefined) this.user.prependToDraft(before.name, ...before.close());
      if (name === undefined || (opened === undefined && isEncrypted(name))) {
        session.value = undefined;
        return;
      }
      const person = this.user.name.peek();
      session.value =
        opened?.start(person) ??
        new StreamSession(this.malten.stream(name), {
          person,
          own: this.user.messages,
          defaultTtl: () => this.defaultTtl(),
          onShown: (messages) => void this.notifier.notify(name, notice(messages.at(-1))),
        });
    });
    return session;
  }

  /** The owner token of a stream that has ended is of no use: one that begins under its name is another. */
  private forgetEnded(): void {
    const session = this.session.value;
    const isGone = session !== undefined && (session.ended.value || session.life.isAbsent.value);
    if (isGone) this.user.removeOwned(session.name);
  }

  private onVisibilityChange(): void {
    const session = this.session.peek();
    if (session === undefined) return;
    session.setPresence(this.user.name.peek(), document.hidden ? "away" : "online");
    session.log.setAtEnd(session.log.atEnd.peek());
  }

  private updateTitle(): void {
    const session = this.session.value;
    const unread = session?.log.unread.value ?? 0;
    const count = unread > 0 ? `(${unread}) ` : "";
    document.title =
      session === undefined
        ? "Malten"
        : `${count}${session.parts?.title ?? streamTitle(this.language.value, session.name)} · Malten`;
  }
}

/** The text of a notification about a message. */
function notice(message: MessageEntry | undefined): string | undefined {
  if (message?.name === undefined) return message?.text;
  return `${message.name}: ${message.text}`;
}
