import { copyString } from "../../core/copy-string.ts";
import { Client, type ClientContext } from "./client.ts";

/** When there are more aliases, all are forgotten. */
const MAX_ALIASES = 4096;

/** Longest alias, in characters: longer than an address with a port. */
const MAX_ALIAS = 64;

/** What kind of client to add. */
export interface ClientOptions {
  readonly mayForward: boolean;
}

type MakeClient = (key: string, context: ClientContext, options: ClientOptions) => Client;

const makeClient: MakeClient = (key, context, options) => new Client(key, context, options);

/**
 * Recently seen clients, up to a limit. A full table forgets one that was not seen for long and has nothing open
 * (second chance, an approximation of least recently used), and the new one takes over its slot **with its debt**. So
 * whatever addresses requests come from, all together send at most as much as `capacity` clients may: flooding the table with
 * other addresses hands out no fresh burst.
 */
export class ClientTable {
  private readonly byKey = new Map<string, Client>();
  /** Clients by other texts, such as an IPv6 address in full: parsing one takes longer than the rest. */
  private readonly aliases = new Map<string, Client>();
  private readonly slots: Client[] = [];
  /** The slot to examine next. */
  private hand = 0;
  private readonly capacity: number;
  private readonly context: ClientContext;
  private readonly make: MakeClient;

  constructor(capacity: number, context: ClientContext, make: MakeClient = makeClient) {
    this.capacity = capacity;
    this.context = context;
    this.make = make;
  }

  get size(): number {
    return this.slots.length;
  }

  /** Returns a client that is in the table, and marks it as seen. */
  get(key: string): Client | undefined {
    const client = this.byKey.get(key) ?? this.aliasOf(key);
    if (client !== undefined) client.standing = "seen";
    return client;
  }

  /** Makes {@link get} find a client by another text as well, for a while. */
  addAlias(text: string, client: Client): void {
    if (text.length > MAX_ALIAS || text === client.key) return;
    if (this.aliases.size >= MAX_ALIASES) this.aliases.clear();
    this.aliases.set(copyString(text), client);
  }

  private aliasOf(text: string): Client | undefined {
    const client = this.aliases.get(text);
    return client?.standing === "forgotten" ? undefined : client;
  }

  /** Adds a client that is not in the table. `key` is kept. */
  add(key: string, options: ClientOptions): Client {
    const client = this.make(key, this.context, options);
    const slot = this.slots.length < this.capacity ? this.slots.length : this.freeSlot();
    const previous = this.slots[slot];
    if (previous !== undefined) {
      this.byKey.delete(previous.key);
      previous.standing = "forgotten";
      client.inherit(previous);
    }
    this.slots[slot] = client;
    this.byKey.set(key, client);
    return client;
  }

  /** Two rounds find a slot if any has nothing open. The capacity is larger than the number of connections, so one has. */
  private freeSlot(): number {
    const { slots } = this;
    for (let step = 0; step < 2 * slots.length; step++) {
      const slot = this.hand;
      this.hand = (slot + 1) % slots.length;
      const client = slots[slot];
      if (client === undefined || client.isOpen) continue;
      if (client.standing !== "seen") return slot;
      client.standing = "known";
    }
    return this.hand;
  }
}
