import { unescaped } from "../../core/content.ts";

/** Ends a frame. No field contains it. */
const END = "\n";

/** Separates the fields of a frame. */
const SEPARATOR = "\t";

const TAB = 0x09;
const ZERO = 0x30;
const NINE = 0x39;

/** Joins the fields of a frame. None may contain a tab or a newline: see {@link escapeField}. */
export function joinFields(...fields: readonly (string | number)[]): string {
  return fields.join(SEPARATOR) + END;
}

/** Splits a batch into frames, without their ends. */
export function splitFrames(batch: string): string[] {
  const frames = batch.split(END);
  frames.pop();
  return frames;
}

/** Reads the fields of a frame one after the other. */
export class FieldReader {
  private position = 0;
  private readonly frame: string;

  constructor(frame: string) {
    this.frame = frame;
  }

  /** Whether all fields were read. */
  get isAtEnd(): boolean {
    return this.position > this.frame.length;
  }

  /** Returns the next field; empty after the last one. */
  text(): string {
    const { frame, position } = this;
    const separator = frame.indexOf(SEPARATOR, position);
    const end = separator === -1 ? frame.length : separator;
    this.position = end + 1;
    return frame.slice(position, end);
  }

  number(): number {
    const { frame } = this;
    let number = 0;
    // Cheaper than cutting the field out. Digits are exact up to 2^53, as all cursors are.
    for (let i = this.position; ; i++) {
      const code = i < frame.length ? frame.charCodeAt(i) : TAB;
      if (code === TAB) {
        this.position = i + 1;
        return number;
      }
      if (code < ZERO || code > NINE) return Number(this.text());
      number = number * 10 + (code - ZERO);
    }
  }

  /** Reads a field that may be missing: then it is empty. */
  optionalNumber(): number | undefined {
    const text = this.text();
    return text === "" ? undefined : Number(text);
  }

  optionalText(): string | undefined {
    const text = this.text();
    return text === "" ? undefined : text;
  }

  /** Reads a field that {@link escapeField} wrote. */
  escaped(): string {
    return unescaped(this.text());
  }
}

/** Returns a text as a field: clients chose it, so it may contain anything. */
export function escapeField(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
