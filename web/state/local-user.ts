import { signal, type Signal } from "@preact/signals";
import { keepForTab, readJsonOfTab, readOfTab } from "./tab-storage.ts";
import { OwnMessages } from "./own-messages.ts";

/** Keys in `sessionStorage`. */
const NAME = "malten.name";
const OWNED = "malten.owned";

/** Streams whose owner tokens are kept; of more, the oldest are forgotten. */
const MAX_OWNED = 64;

/** The user of this tab: name, drafts, own messages, and the streams they created. */
export class LocalUser {
  /** The name others see; empty for none. */
  readonly name = signal(readOfTab(NAME) ?? "");
  /** Whether the user has given a name in this tab, or chosen to have none. */
  readonly isAsked = signal(readOfTab(NAME) !== undefined);
  /**
   * Streams created in this tab, with their owner tokens. Kept for the tab, so that a reload does not take from users what they can end.
   * None is encrypted: the page keeps nothing of those.
   */
  readonly owned = signal<ReadonlyMap<string, OwnStream>>(readOwned());
  readonly messages = new OwnMessages();
  private readonly drafts = new Map<string, Signal<string>>();

  rename(name: string): void {
    if (name === this.name.peek()) return;
    this.setAsked();
    this.name.value = name;
    keepForTab(NAME, name);
  }

  /** Called when the user has answered, if only by writing without a name. */
  setAsked(): void {
    if (this.isAsked.peek()) return;
    this.isAsked.value = true;
    keepForTab(NAME, "");
  }

  /** The unsent text for a stream. In memory only. */
  draft(stream: string): Signal<string> {
    const known = this.drafts.get(stream);
    if (known !== undefined) return known;
    const draft = signal("");
    this.drafts.set(stream, draft);
    return draft;
  }

  /** Puts unsent messages before the draft. */
  prependToDraft(stream: string, ...texts: readonly string[]): void {
    const draft = this.draft(stream);
    draft.value = [...texts, draft.peek()].filter((text) => text !== "").join("\n");
  }

  addOwned(stream: OwnStream): void {
    const owned = [...this.owned.peek(), [stream.name, stream] as const];
    this.setOwned(new Map(owned.slice(-MAX_OWNED)));
  }

  removeOwned(name: string): void {
    const owned = new Map(this.owned.peek());
    if (owned.delete(name)) this.setOwned(owned);
  }

  private setOwned(owned: ReadonlyMap<string, OwnStream>): void {
    this.owned.value = owned;
    keepForTab(OWNED, JSON.stringify([...owned.values()]));
  }
}

/** A stream created in this tab. */
export interface OwnStream {
  readonly name: string;
  readonly private: boolean;
  readonly owner: string;
}

/** Reads the streams created before a reload. */
function readOwned(): ReadonlyMap<string, OwnStream> {
  const kept = readJsonOfTab(OWNED);
  const streams: unknown[] = Array.isArray(kept) ? kept : [];
  return new Map(streams.filter(isOwnStream).map((stream) => [stream.name, stream]));
}

function isOwnStream(value: unknown): value is OwnStream {
  if (typeof value !== "object" || value === null) return false;
  const { name, private: isPrivate, owner }: Partial<Record<keyof OwnStream, unknown>> = value;
  return typeof name === "string" && typeof isPrivate === "boolean" && typeof owner === "string";
}
