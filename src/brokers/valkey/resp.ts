/** An error that the engine answered with, such as `MOVED 3999 127.0.0.1:6381`. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";

  /** The first word, in capitals by convention. */
  get code(): string {
    return this.message.slice(0, (this.message.indexOf(" ") + 1 || this.message.length + 1) - 1);
  }
}

/** A reply of the engine. Maps and sets are arrays, booleans numbers. */
export type Reply = string | number | null | ReplyError | readonly Reply[];

/** Returns a command as the engine reads it: an array of bulk strings. */
export function encodeCommand(args: readonly string[]): string {
  let command = `*${args.length}\r\n`;
  for (const arg of args) command += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
  return command;
}

/** An array whose elements are still arriving. */
interface Frame {
  readonly items: Reply[];
  missing: number;
  readonly isPush: boolean;
}

const CR = 13;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** The longest line of a reply, in bytes: an error message, a number or a length. */
const MAX_LINE = 64 * 1024;

/**
 * Parses replies of version 3 of the Redis protocol as their bytes arrive. A reply in many pieces costs no more than one in a
 * single piece: what was parsed is kept.
 */
export class ReplyParser {
  private rest = NO_BYTES;
  private position = 0;
  private readonly frames: Frame[] = [];
  private readonly onReply: (reply: Reply) => void;
  private readonly onPush: (items: readonly Reply[]) => void;

  /** `onPush` gets what the engine sends without being asked. */
  constructor(onReply: (reply: Reply) => void, onPush: (items: readonly Reply[]) => void) {
    this.onReply = onReply;
    this.onPush = onPush;
  }

  /** @throws Error if this is not the protocol: the connection is of no use any more */
  parse(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    this.position = 0;
    while (this.parseNext());
    // A copy: the runtime may use the memory of what it passed again.
    this.rest = Buffer.from(this.rest.subarray(this.position));
  }

  /** Parses one scalar or the head of an array. Returns false if its end has not arrived. */
  private parseNext(): boolean {
    const { rest } = this;
    const end = rest.indexOf(CR, this.position);
    if (end === -1 || end + 1 >= rest.length) {
      if (rest.length - this.position > MAX_LINE) throw new Error("the engine sent an endless line");
      return false;
    }
    const line = rest.toString("utf8", this.position + 1, end);
    const next = end + 2;
    switch (rest[this.position]) {
      case 0x24: // $
      case 0x3d: // =
      case 0x21: // !
        return this.parseBulk(Number(line), next, rest[this.position] === 0x21);
      case 0x2a: // *
      case 0x7e: // ~
        return this.open(Number(line), next, false);
      case 0x3e: // >
        return this.open(Number(line), next, true);
      case 0x25: // %
        return this.open(2 * Number(line), next, false);
      case 0x2b: // +
      case 0x28: // (
        return this.add(line, next);
      case 0x2d: // -
        return this.add(new ReplyError(line), next);
      case 0x3a: // :
      case 0x2c: // ,
        return this.add(Number(line), next);
      case 0x23: // #
        return this.add(line === "t" ? 1 : 0, next);
      case 0x5f: // _
        return this.add(null, next);
      default:
        throw new Error("the engine does not speak the Redis protocol");
    }
  }

  private parseBulk(length: number, start: number, isError: boolean): boolean {
    if (length < 0) return this.add(null, start);
    const end = start + length;
    if (!(this.rest.length >= end + 2)) return false;
    const text = this.rest.toString("utf8", start, end);
    return this.add(isError ? new ReplyError(text) : text, end + 2);
  }

  private open(length: number, next: number, isPush: boolean): boolean {
    if (!(length > 0)) return this.add(length === 0 ? [] : null, next);
    this.position = next;
    this.frames.push({ items: [], missing: length, isPush });
    return true;
  }

  private add(reply: Reply, next: number): true {
    this.position = next;
    let complete = reply;
    for (;;) {
      const frame = this.frames.at(-1);
      if (frame === undefined) {
        this.onReply(complete);
        return true;
      }
      frame.items.push(complete);
      frame.missing--;
      if (frame.missing > 0) return true;
      this.frames.pop();
      if (frame.isPush) {
        this.onPush(frame.items);
        return true;
      }
      complete = frame.items;
    }
  }
}
