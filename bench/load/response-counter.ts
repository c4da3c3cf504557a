/** Counts responses on one connection by a byte sequence that occurs once in each, wherever reads split it. */
export class ResponseCounter {
  private readonly needle: Buffer;
  /** Bytes of the needle matched at the end of the previous read. */
  private matched = 0;

  /** @param needle must not overlap itself */
  constructor(needle: Buffer) {
    this.needle = needle;
  }

  /** Returns the number of responses that this read completes. */
  read(chunk: Buffer): number {
    const { needle } = this;
    let count = 0;
    let from = 0;
    if (this.matched > 0) {
      const missing = needle.length - this.matched;
      const available = Math.min(missing, chunk.length);
      const same = chunk.compare(needle, this.matched, this.matched + available, 0, available) === 0;
      if (same && available < missing) {
        this.matched += available;
        return 0;
      }
      if (same) {
        count++;
        from = missing;
      }
      this.matched = 0;
    }
    for (let at = chunk.indexOf(needle, from); at >= 0; at = chunk.indexOf(needle, from)) {
      count++;
      from = at + needle.length;
    }
    this.matched = this.prefixAtEnd(chunk, from);
    return count;
  }

  /** Length of the longest prefix of the needle that ends the chunk. */
  private prefixAtEnd(chunk: Buffer, from: number): number {
    const longest = Math.min(this.needle.length - 1, chunk.length - from);
    for (let length = longest; length > 0; length--) {
      const start = chunk.length - length;
      if (chunk.compare(this.needle, 0, length, start, chunk.length) === 0) return length;
    }
    return 0;
  }
}
