/** A number of bytes that many share. It counts; the one who reserves keeps to it. */
export class ByteBudget {
  private taken = 0;

  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.taken;
  }

  /** Whether so many bytes more fit. */
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
