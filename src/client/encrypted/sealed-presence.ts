import { openPresenceName, sealPresenceName } from "../../crypto/presence-name.ts";
import type { StreamKeys } from "../../crypto/secrets.ts";
import type { ClientStream } from "../client-stream.ts";
import type { Presence } from "../presence-tracker.ts";
import type { PresenceInfo } from "../stream-event.ts";
import { checkedName, converted, isName, MAX_PRESENCE_NAME } from "./checks.ts";
import { Sequence } from "./sequence.ts";

/** Opened names that are kept: people appear again with each change of their status. */
const MAX_OPENED = 512;

/** A presence list or an event of presence. */
interface PeopleList {
  readonly people: readonly { readonly name: string }[];
  readonly more: number;
}

/** The presence list of a stream whose names are sealed. */
export class SealedPresence {
  readonly #stream: ClientStream;
  readonly #keys: StreamKeys;
  readonly #opened = new Map<string, Promise<string | undefined>>();
  readonly #announcements = new Sequence();
  /** Listeners with a name, the newest last. */
  readonly #named: PresenceInfo[] = [];
  /** Set by {@link set}. Otherwise the newest listener with a name is shown. */
  #person: PresenceInfo | undefined;

  constructor(stream: ClientStream, keys: StreamKeys) {
    this.#stream = stream;
    this.#keys = keys;
  }

  /** Shows a checked person while a listener has this name. Returns a function that ends that. */
  show(person: PresenceInfo): () => void {
    // The server rejects a status without a name.
    if (person.name === undefined && person.status === undefined) return () => {};
    this.#person = undefined;
    this.#named.push(person);
    this.#announce();
    return () => {
      this.#named.splice(this.#named.indexOf(person), 1);
      this.#announce();
    };
  }

  /** Shows a checked person, until a listener with a name begins. */
  set(person: PresenceInfo): void {
    this.#person = person;
    this.#announce();
  }

  async fetch(signal: AbortSignal | undefined): Promise<Presence> {
    return this.open(await this.#stream.presence(signal));
  }

  /** Opens the names of a list or an event. Those that nobody with a link can have sealed are only counted. */
  async open<L extends PeopleList>(list: L): Promise<L> {
    const names = await Promise.all(list.people.map(({ name }) => this.#nameOf(name)));
    const people = list.people.flatMap((person, i) => {
      const name = names[i];
      return name === undefined ? [] : [{ ...person, name }];
    });
    return { ...list, people, more: list.more + names.length - people.length };
  }

  onPresence(callback: (presence: Presence) => void): () => void {
    const lists = new Sequence();
    let isWanted = true;
    const stop = this.#stream.onPresence((sealed) => {
      void lists.run(async () => {
        const presence = await this.open(sealed);
        // What the callback throws is reported as uncaught.
        if (isWanted) queueMicrotask(() => callback(presence));
      });
    });
    return () => {
      isWanted = false;
      stop();
    };
  }

  async #nameOf(sealed: string): Promise<string | undefined> {
    const opening = this.#opened.get(sealed) ?? openPresenceName(this.#keys, sealed);
    if (this.#opened.size >= MAX_OPENED) this.#opened.clear();
    this.#opened.set(sealed, opening);
    const name = await opening;
    return name !== undefined && isName(name, MAX_PRESENCE_NAME) ? name : undefined;
  }

  #announce(): void {
    void this.#announcements.run(async () => {
      const { name, status } = this.#person ?? this.#named.at(-1) ?? {};
      const sealed = name === undefined ? undefined : await converted(sealPresenceName(this.#keys, name));
      this.#stream.setPresence({ name: sealed, status });
    });
  }
}

/** Returns the person with a trimmed name. @throws MaltenError `bad_person` */
export function checkedPerson({ name, status }: PresenceInfo): PresenceInfo {
  return { name: name === undefined ? undefined : checkedName(name, MAX_PRESENCE_NAME), status };
}
