/** Counts the memory of all streams against a limit. It does not enforce the limit: callers check {@link fits} first. */
export class ByteBudget {
  private taken = 0;

  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.taken;
  }

  /** Whether this many more bytes stay within the limit. */
  fits(bytes: number): boolean {
    return this.taken + bytes <= this.limit;
  }

  take(bytes: number): void {
    this.taken += bytes;
  }

  give(bytes: number): void {
    this.taken -= bytes;
  }
}
