/** Digits of the number of a stream in its name. */
const STREAM_DIGITS = 7;

/** Digits of the time at the beginning of a text, in microseconds. */
export const TIME_DIGITS = 12;

/** Begins each text and stands nowhere else in what servers send, so that counting it counts deliveries. Needs no escape in a URL or in JSON. */
export const MARK = "!";

/** Stands in for the number of a stream while a request is put together. */
const STREAM = "#".repeat(STREAM_DIGITS);

/** Stands in for the time. */
const TIME = "@".repeat(TIME_DIGITS);

/** The name of a stream whose number comes later. */
export const STREAM_NAME = `b${STREAM}`;

/** A text of `size` ASCII characters whose time comes later. */
export function text(size: number): string {
  return (MARK + TIME).padEnd(size, "x");
}

export function streamName(number: number): string {
  return `b${String(number).padStart(STREAM_DIGITS, "0")}`;
}

/** Bytes of a request, made once, into which the stream and the time are written for each that is sent. */
export class Template {
  readonly bytes: Buffer;
  private readonly streamAt: number;
  private readonly timeAt: number;
  /** What each byte is masked with: zeroes but for the payload of a WebSocket frame. */
  private readonly mask: Uint8Array;

  constructor(request: string | Buffer, mask?: (bytes: Buffer) => Uint8Array) {
    this.bytes = Buffer.from(request);
    this.streamAt = this.bytes.indexOf(STREAM);
    this.timeAt = this.bytes.indexOf(TIME);
    this.mask = mask?.(this.bytes) ?? new Uint8Array(this.bytes.length);
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = (this.bytes[i] ?? 0) ^ (this.mask[i] ?? 0);
  }

  /** Writes the request to `target`. Answers where it ends. */
  write(target: Buffer, at: number, stream: number, microseconds: number): number {
    target.set(this.bytes, at);
    if (this.streamAt >= 0) this.digits(target, at, this.streamAt, STREAM_DIGITS, stream);
    if (this.timeAt >= 0) this.digits(target, at, this.timeAt, TIME_DIGITS, Math.floor(microseconds));
    return at + this.bytes.length;
  }

  private digits(target: Buffer, at: number, offset: number, count: number, value: number): void {
    let rest = value;
    for (let i = offset + count - 1; i >= offset; i--) {
      const above = Math.floor(rest / 10);
      target[at + i] = (48 + rest - above * 10) ^ (this.mask[i] ?? 0);
      rest = above;
    }
  }
}
