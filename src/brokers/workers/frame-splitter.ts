import { splitFrames } from "./fields.ts";

const NEWLINE = 0x0a;

/** Finds the frames in what arrives in pieces. */
export class FrameSplitter {
  /** The beginning of a frame whose end has not arrived. */
  private partial: Buffer[] = [];

  /** Returns the frames that are complete now, without their ends. */
  push(bytes: Buffer): string[] {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      // The runtime uses its buffer again.
      this.partial.push(Buffer.from(bytes));
      return [];
    }
    const whole = bytes.subarray(0, end);
    const batch = this.partial.length === 0 ? whole : Buffer.concat([...this.partial, whole]);
    this.partial = end === bytes.length ? [] : [Buffer.from(bytes.subarray(end))];
    return splitFrames(batch.toString("utf8"));
  }
}
