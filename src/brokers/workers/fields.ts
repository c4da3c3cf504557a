import { unescaped } from "../../core/content.ts";

/** Ends a frame. No field contains it. */
const END = "\n";

/** Separates the fields of a frame. */
const SEPARATOR = "\t";

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
    return Number(this.text());
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
