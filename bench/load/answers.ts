/** Counts the answers on one connection by a few bytes that each has once, however they are cut into reads. */
export class Answers {
  private readonly needle: Buffer;
  /** How many bytes of the needle ended the last read. */
  private begun = 0;

  /** @param needle must not begin again within itself */
  constructor(needle: Buffer) {
    this.needle = needle;
  }

  /** How many there are in this read. */
  read(chunk: Buffer): number {
    const { needle } = this;
    let count = 0;
    let from = 0;
    if (this.begun > 0) {
      const rest = needle.length - this.begun;
      const have = Math.min(rest, chunk.length);
      const same = chunk.compare(needle, this.begun, this.begun + have, 0, have) === 0;
      if (same && have < rest) {
        this.begun += have;
        return 0;
      }
      if (same) {
        count++;
        from = rest;
      }
      this.begun = 0;
    }
    for (let at = chunk.indexOf(needle, from); at >= 0; at = chunk.indexOf(needle, from)) {
      count++;
      from = at + needle.length;
    }
    this.begun = this.beginningAtEnd(chunk, from);
    return count;
  }

  private beginningAtEnd(chunk: Buffer, from: number): number {
    const most = Math.min(this.needle.length - 1, chunk.length - from);
    for (let length = most; length > 0; length--) {
      const start = chunk.length - length;
      if (chunk.compare(this.needle, 0, length, start, chunk.length) === 0) return length;
    }
    return 0;
  }
}
