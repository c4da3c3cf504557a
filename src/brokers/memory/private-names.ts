import { HashRing } from "./hash-ring.ts";

/** Names that are remembered: 5 MB, and 8 MB after many deletions. */
const MAX_NAMES = 65_536;

/** How long a name stays private, in milliseconds: a day. */
const REMEMBERED = 86_400_000;

/**
 * The names of private streams that were deleted, so that a later message to one of them does not create a listed stream. Of a name only
 * a hash is kept, with a salt of this process. When there are too many, those that were deleted first are forgotten first.
 */
export class PrivateNames {
  private readonly ring = new HashRing(MAX_NAMES);
  /** By place in the ring: when a name is forgotten, on the monotonic clock in milliseconds. */
  private readonly until: number[] = [];
  private readonly salt = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;

  /** Records that a private stream was deleted. */
  add(name: string, now: number): void {
    this.until[this.ring.add(this.hash(name))] = now + REMEMBERED;
  }

  /** Reports whether a private stream of this name was deleted within the last day. */
  has(name: string, now: number): boolean {
    if (this.until.length === 0) return false;
    const place = this.ring.placeOf(this.hash(name));
    return place !== undefined && now < (this.until[place] ?? 0);
  }

  private hash(name: string): number {
    return Number(BigInt.asUintN(53, Bun.hash.xxHash3(name, this.salt)));
  }
}
