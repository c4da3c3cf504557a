import type { Payer } from "../../core/broker.ts";
import { copyString } from "../../core/copy-string.ts";
import { ShardedMap } from "./sharded-map.ts";

/** Identifies the account of a payer: below 2^27. */
export type AccountId = number;

/** The account of everyone without a limit. */
export const UNLIMITED: AccountId = 0;

/** Memory of an account, in bytes: it is charged to itself. */
export const ACCOUNT_BYTES = 320;

class Account {
  readonly id: AccountId;
  readonly key: string;

  constructor(id: AccountId, key: string) {
    this.id = id;
    this.key = key;
  }
}

/**
 * Counts the memory of all streams against a limit and charges every byte to exactly one account. A payer has an account
 * only while it holds something. The budget does not enforce the limit: callers check {@link fits} and {@link mayHold} first.
 */
export class ByteBudget {
  private taken = 0;
  private readonly ids = new ShardedMap<AccountId>();
  private readonly accounts: (Account | undefined)[] = [undefined];
  /** Bytes held by each account. Not stored in the accounts: each message changes two or three, and finding them takes longer. */
  private readonly holdings: number[] = [0];
  private readonly freeIds: AccountId[] = [];

  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.taken;
  }

  /** The number of accounts. */
  get size(): number {
    return this.ids.size;
  }

  /** Whether this many more bytes stay within the limit. */
  fits(bytes: number): boolean {
    return this.taken + bytes <= this.limit;
  }

  /**
   * Reports whether a payer may hold `bytes` more while the charged memory grows by `growth`: at most as much as is still free
   * then (dynamic thresholds, Choudhury and Hahne 1998). A payer on its own may hold half of the limit, and each of n that take all
   * they can 1/(n + 1) of it, so there is always room for newcomers.
   */
  mayHold(id: AccountId | undefined, bytes: number, growth: number): boolean {
    return id === UNLIMITED || this.held(id) + bytes <= this.limit - this.taken - growth;
  }

  /** Returns what the payer holds, in bytes. */
  held(id: AccountId | undefined): number {
    return id === undefined ? 0 : (this.holdings[id] ?? 0);
  }

  /** Returns the account of the payer with this key, if it has one. */
  find(key: string): AccountId | undefined {
    return this.ids.get(key);
  }

  /** Returns the account of a payer, if it has one. Searches only if it is not where it was last time. */
  accountOf(payer: Payer): AccountId | undefined {
    const { account } = payer;
    if (account instanceof Account && this.accounts[account.id] === account) return account.id;
    const id = this.find(payer.key);
    payer.account = id === undefined ? undefined : this.accounts[id];
    return id;
  }

  /** Returns the account of the payer with this key, new if needed. The caller charges it at once. */
  open(key: string): AccountId {
    const found = this.ids.get(key);
    if (found !== undefined) return found;
    const id = this.freeIds.pop() ?? this.accounts.length;
    const account = new Account(id, copyString(key));
    this.accounts[id] = account;
    this.holdings[id] = ACCOUNT_BYTES;
    this.ids.add(account.key, id);
    this.taken += ACCOUNT_BYTES;
    return id;
  }

  charge(id: AccountId, bytes: number): void {
    this.taken += bytes;
    if (id !== UNLIMITED) this.holdings[id] = this.held(id) + bytes;
  }

  /** Takes back a charge. Closes an account that holds nothing else. */
  credit(id: AccountId, bytes: number): void {
    this.taken -= bytes;
    if (id === UNLIMITED) return;
    const held = this.held(id) - bytes;
    this.holdings[id] = held;
    if (held <= ACCOUNT_BYTES) this.close(id);
  }

  private close(id: AccountId): void {
    const account = this.accounts[id];
    if (account === undefined) return;
    this.ids.delete(account.key);
    this.accounts[id] = undefined;
    this.holdings[id] = 0;
    this.freeIds.push(id);
    this.taken -= ACCOUNT_BYTES;
  }
}
