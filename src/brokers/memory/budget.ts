import { copyString } from "../../core/copy-string.ts";
import { ShardedMap } from "./sharded-map.ts";

/** Identifies the account of a payer: below 2^27. */
export type AccountId = number;

/** The account of everyone without a limit. */
export const UNLIMITED: AccountId = 0;

/** Memory of an account, in bytes: it is charged to itself. */
export const ACCOUNT_BYTES = 320;

interface Account {
  readonly key: string;
  held: number;
}

/**
 * Counts the memory of all streams against a limit, and who pays for it: every byte is on exactly one account. A payer has an account
 * only while it holds something. The budget does not enforce the limit: callers check {@link fits} and {@link mayHold} first.
 */
export class ByteBudget {
  private taken = 0;
  private readonly ids = new ShardedMap<AccountId>();
  private readonly accounts: (Account | undefined)[] = [undefined];
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
   * Whether a payer may hold `bytes` more, while `growth` are taken: not more than is still free then (dynamic thresholds, Choudhury and Hahne 1998). Alone
   * it may hold half of the limit, and one of n that take what they can 1/(n + 1). So there is always room for newcomers.
   */
  mayHold(id: AccountId | undefined, bytes: number, growth: number): boolean {
    return id === UNLIMITED || this.held(id) + bytes <= this.limit - this.taken - growth;
  }

  /** Returns what the payer holds, in bytes. */
  held(id: AccountId | undefined): number {
    return id === undefined ? 0 : (this.accounts[id]?.held ?? 0);
  }

  /** Returns the account of the payer with this key, if it has one. */
  find(key: string): AccountId | undefined {
    return this.ids.get(key);
  }

  /** Returns the account of the payer with this key, new if needed. The caller charges it at once. */
  open(key: string): AccountId {
    const found = this.ids.get(key);
    if (found !== undefined) return found;
    const id = this.freeIds.pop() ?? this.accounts.length;
    const account = { key: copyString(key), held: ACCOUNT_BYTES };
    this.accounts[id] = account;
    this.ids.add(account.key, id);
    this.taken += ACCOUNT_BYTES;
    return id;
  }

  charge(id: AccountId, bytes: number): void {
    this.taken += bytes;
    const account = this.accounts[id];
    if (account !== undefined) account.held += bytes;
  }

  /** Takes back a charge. Closes an account that holds nothing else. */
  credit(id: AccountId, bytes: number): void {
    this.taken -= bytes;
    const account = this.accounts[id];
    if (account === undefined) return;
    account.held -= bytes;
    if (account.held > ACCOUNT_BYTES) return;
    this.ids.delete(account.key);
    this.accounts[id] = undefined;
    this.freeIds.push(id);
    this.taken -= ACCOUNT_BYTES;
  }
}
