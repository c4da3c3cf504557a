import { signal, type Signal } from "@preact/signals";

/** The key of the name in `sessionStorage`. */
const NAME = "malten.name";

/** The user of this tab: name, drafts, and the streams they created. */
export class LocalUser {
  /** The name others see; empty for none. */
  readonly name = signal(readName() ?? "");
  /** Whether the user has given a name in this tab, or chosen to have none. */
  readonly isAsked = signal(readName() !== undefined);
  /** Streams created in this tab, with their owner tokens. In memory only: a reload forgets them. */
  readonly owned = signal<ReadonlyMap<string, OwnStream>>(new Map());
  private readonly drafts = new Map<string, Signal<string>>();

  rename(name: string): void {
    if (name === this.name.peek()) return;
    this.setAsked();
    this.name.value = name;
    store(name);
  }

  /** Called when the user has answered, if only by writing without a name. */
  setAsked(): void {
    if (this.isAsked.peek()) return;
    this.isAsked.value = true;
    store("");
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
    this.owned.value = new Map(this.owned.peek()).set(stream.name, stream);
  }

  removeOwned(name: string): void {
    const owned = new Map(this.owned.peek());
    owned.delete(name);
    this.owned.value = owned;
  }
}

/** A stream created in this tab. */
export interface OwnStream {
  readonly name: string;
  readonly private: boolean;
  /** The idle time-to-live, in seconds. */
  readonly ttl: number;
  readonly owner: string;
}

function store(name: string): void {
  try {
    sessionStorage.setItem(NAME, name);
  } catch {
    // Storage is disabled: the name is kept until the page is closed.
  }
}

/** Returns undefined if the user was not asked yet. */
function readName(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
