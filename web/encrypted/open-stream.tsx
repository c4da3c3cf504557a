import { signal } from "@preact/signals";
import type { EncryptedMessage, EncryptedStream, Warning } from "../../src/client/encrypted/index.ts";
import type { ListenOptions, Message } from "../../src/client/index.ts";
import type { App } from "../state/app.ts";
import type { MessageEntry, WarningEntry } from "../state/entry.ts";
import {
  plainEntryOf,
  StreamSession,
  type SessionEvent,
  type SessionParts,
  type SessionStream,
} from "../state/stream-session.ts";
import { EmptyEncrypted } from "./empty-encrypted.tsx";
import { LockDialog } from "./lock-dialog.tsx";
import { Note } from "./note.tsx";
import { ReadOnly } from "./read-only.tsx";
import { ShareEncrypted } from "./share-encrypted.tsx";
import { TerminalEncrypted } from "./terminal-encrypted.tsx";
import { texts } from "./texts.ts";
import { Lock, Title } from "./title.tsx";

/** Characters of a sender's pseudonym that are shown: 48 bits, so that nobody makes keys until one looks like another sender's. */
const SHOWN_ID = 8;

/** An encrypted stream of this tab. It outlives its sessions, so that the tab stays one sender. */
export class OpenStream {
  readonly stream: EncryptedStream;
  /** Whether it was created in this tab. */
  readonly isCreated: boolean;
  /** Something happened that an honest server and honest writers do not do. */
  readonly isWarned = signal(false);
  private readonly app: App;
  private readonly parts: SessionParts;
  private warnings = 0;
  /** The names that senders gave last. */
  private readonly names = new Map<string, string | undefined>();

  constructor(stream: EncryptedStream, app: App, isCreated: boolean) {
    this.stream = stream;
    this.app = app;
    this.isCreated = isCreated;
    this.parts = {
      get title() {
        return texts().t("title");
      },
      end: stream.right === "owner" ? () => stream.end() : undefined,
      Lock: () => <Lock open={this} />,
      Title: () => <Title open={this} />,
      Empty: () => <EmptyEncrypted open={this} />,
      Note,
      ReadOnly: stream.right === "reader" ? ReadOnly : undefined,
      dialogs: {
        share: () => <ShareEncrypted open={this} />,
        lock: () => <LockDialog open={this} />,
        terminal: () => <TerminalEncrypted open={this} />,
      },
    };
  }

  /** Starts to listen, from the first message kept. */
  start(person: string): StreamSession {
    return new StreamSession(this.sessionStream(), {
      person,
      defaultTtl: () => this.app.defaultTtl(),
      // Others see notifications, and the system keeps them.
      onShown: (messages) => {
        const body = messages.length === 0 ? undefined : texts().t("notify");
        void this.app.notifier.notify(this.stream.name, body, texts().t("title"));
      },
      entryOf: (message) => this.entryOf(message),
      parts: this.parts,
    });
  }

  /** What a session needs of the stream, which stays open after it: closed, it could not be opened again without its link. */
  private sessionStream(): SessionStream {
    const { stream } = this;
    const ends: (() => void)[] = [];
    return {
      name: stream.name,
      get state() {
        return stream.state;
      },
      onState: (callback) => kept(ends, stream.onState(callback)),
      onPresence: (callback) => kept(ends, stream.onPresence(callback)),
      setPresence: (person) => stream.setPresence(person),
      send: (text, options) => stream.send(text, options),
      read: (options) => stream.read(options),
      events: (options) => this.events(options),
      close: () => {
        for (const end of ends) end();
      },
    };
  }

  private async *events(options: ListenOptions): AsyncGenerator<SessionEvent> {
    for await (const event of this.stream.events(options)) {
      if (event.type === "warning") yield { type: "warning", entry: this.warningOf(event) };
      else yield event;
    }
  }

  private warningOf({ code, count = 1, sender }: Warning): WarningEntry {
    this.warnings++;
    if (code !== "voided" && code !== "unsupported") this.isWarned.value = true;
    const name = sender === undefined ? undefined : (this.names.get(sender) ?? sender.slice(0, SHOWN_ID));
    return { kind: "warning", key: `warning-${this.warnings}`, code, count, sender: name };
  }

  private entryOf(message: Message): MessageEntry {
    const entry = plainEntryOf(message);
    if (!isEncryptedMessage(message)) return entry;
    const { sender, name } = message;
    this.names.set(sender.id, name);
    return { ...entry, name, sender: { id: sender.id.slice(0, SHOWN_ID), isNew: sender.isNew } };
  }
}

function isEncryptedMessage(message: Message): message is EncryptedMessage {
  return "sender" in message;
}

/** Remembers what ends something, and returns it. */
function kept(ends: (() => void)[], end: () => void): () => void {
  ends.push(end);
  return end;
}
