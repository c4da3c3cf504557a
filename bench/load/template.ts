/** Digits of the stream number in a stream's name. */
const STREAM_DIGITS = 7;

/** Digits of the time at the start of a text, in microseconds. */
export const TIME_DIGITS = 12;

/** The first character of every text. Servers send it nowhere else, so it counts deliveries. Needs no escaping in URLs or JSON. */
export const MARK = "!";

/** Placeholder for the stream number. */
const STREAM = "#".repeat(STREAM_DIGITS);

/** Placeholder for the time. */
const TIME = "@".repeat(TIME_DIGITS);

/** Clients behind a proxy. */
const CLIENTS = 1000;

/** An address with placeholders for the number of a client. */
export const CLIENT_ADDRESS = "20.1%%.1%%.7";

export function clientAddress(number: number): string {
  const digits = String(number % CLIENTS).padStart(4, "0");
  return `20.1${digits.slice(0, 2)}.1${digits.slice(2)}.7`;
}

/** A stream name with a placeholder for its number. */
export const STREAM_NAME = `b${STREAM}`;

/** A text of `size` ASCII characters with a placeholder for its time. */
export function text(size: number): string {
  return (MARK + TIME).padEnd(size, "x");
}

export function streamName(number: number): string {
  return `b${String(number).padStart(STREAM_DIGITS, "0")}`;
}

/** A request encoded once; only the stream number and the time are filled in for each one sent. */
export class Template {
  readonly bytes: Buffer;
  private readonly streamAt: number;
  private readonly timeAt: number;
  private readonly clientAt: number;
  private client = 0;
  /** XOR mask for each byte: zero except in the payload of a WebSocket frame. */
  private readonly mask: Uint8Array;

  constructor(request: string | Buffer, mask?: (bytes: Buffer) => Uint8Array) {
    this.bytes = Buffer.from(request);
    this.streamAt = this.bytes.indexOf(STREAM);
    this.timeAt = this.bytes.indexOf(TIME);
    this.clientAt = this.bytes.indexOf(CLIENT_ADDRESS);
    this.mask = mask?.(this.bytes) ?? new Uint8Array(this.bytes.length);
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = (this.bytes[i] ?? 0) ^ (this.mask[i] ?? 0);
  }

  /** Writes the request to `target` at offset `at`. Returns the offset of its end. */
  write(target: Buffer, at: number, stream: number, microseconds: number): number {
    target.set(this.bytes, at);
    if (this.streamAt >= 0) this.writeDigits(target, at, this.streamAt, STREAM_DIGITS, stream);
    if (this.timeAt >= 0) this.writeDigits(target, at, this.timeAt, TIME_DIGITS, Math.floor(microseconds));
    if (this.clientAt >= 0) target.write(clientAddress(this.client++), at + this.clientAt, "latin1");
    return at + this.bytes.length;
  }

  private writeDigits(target: Buffer, at: number, offset: number, count: number, value: number): void {
    let rest = value;
    for (let i = offset + count - 1; i >= offset; i--) {
      const quotient = Math.floor(rest / 10);
      target[at + i] = (48 + rest - quotient * 10) ^ (this.mask[i] ?? 0);
      rest = quotient;
    }
  }
}
