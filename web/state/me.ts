import { signal, type Signal } from "@preact/signals";

/** Where the name is kept: until the tab is closed. */
const NAME = "malten.name";

/** Who uses the page, as far as they say. */
export class Me {
  /** How others see this listener; empty is not at all. */
  readonly name = signal(readName());
  /** Streams that were made here, with the token that ends each. In memory only: a reload forgets them. */
  readonly owned = signal<ReadonlyMap<string, OwnStream>>(new Map());
  private readonly drafts = new Map<string, Signal<string>>();

  rename(name: string): void {
    this.name.value = name;
    try {
      sessionStorage.setItem(NAME, name);
    } catch {
      // Storage is forbidden: the name holds until the page is closed.
    }
  }

  /** What is written for a stream and not sent. In memory only. */
  draft(stream: string): Signal<string> {
    const known = this.drafts.get(stream);
    if (known !== undefined) return known;
    const draft = signal("");
    this.drafts.set(stream, draft);
    return draft;
  }

  /** Puts messages that were not sent before what is written. */
  returnToDraft(stream: string, ...texts: readonly string[]): void {
    const draft = this.draft(stream);
    draft.value = [...texts, draft.peek()].filter((text) => text !== "").join("\n");
  }

  own(stream: OwnStream): void {
    this.owned.value = new Map(this.owned.peek()).set(stream.name, stream);
  }

  disown(name: string): void {
    const owned = new Map(this.owned.peek());
    owned.delete(name);
    this.owned.value = owned;
  }
}

/** A stream that was made here. */
export interface OwnStream {
  readonly name: string;
  readonly private: boolean;
  /** Seconds. */
  readonly ttl: number;
  readonly owner: string;
}

function readName(): string {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}
