// WebSocket frames (RFC 6455 §5.2), right and wrong, byte for byte.

/** The headers that open a WebSocket, with the key of RFC 6455 §1.3. */
export const HANDSHAKE = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;

export interface FrameOptions {
  /** 1: text, the default. */
  readonly opcode?: number;
  /** Whether it is the last frame of its message; true by default. */
  readonly fin?: boolean;
  /** The three reserved bits as a number; 0 by default. */
  readonly reserved?: number;
  /** Four bytes; zeros by default. Undefined: not masked, which a server must reject. */
  readonly mask?: Uint8Array | undefined;
  /** The length in the header, if not that of the payload. */
  readonly claimedLength?: number;
}

/** Returns a frame of a client. */
export function clientFrame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, reserved = 0, claimedLength } = options;
  const mask = "mask" in options ? options.mask : new Uint8Array(4);
  const bytes = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const head = Buffer.concat([
    Uint8Array.of(first),
    lengthField(claimedLength ?? bytes.length, mask !== undefined),
  ]);
  if (mask === undefined) return Buffer.concat([head, bytes]);
  return Buffer.concat([head, mask, bytes.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

function lengthField(length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126) return Buffer.from([bit | length]);
  if (length < 65_536) return Buffer.from([bit | 126, length >> 8, length & 0xff]);
  const field = Buffer.alloc(9, bit | 127);
  field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}

/** A frame of the server. */
export interface ServerFrameBytes {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

/**
 * Reads the frame at the start of some bytes; undefined if it is not complete.
 * @throws Error if a server must not send it: masked, reserved bits or opcodes, a fragmented or long control frame
 */
export function readServerFrame(bytes: Buffer): (ServerFrameBytes & { readonly size: number }) | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  const fin = first >= 0x80;
  const short = second & 0x7f;
  if (second >= 0x80) throw new Error("a masked frame of the server");
  if ((first & 0x70) !== 0) throw new Error("a reserved bit");
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) throw new Error(`the opcode ${opcode}`);
  if (opcode >= 8 && (short > 125 || !fin)) throw new Error("a fragmented or long control frame");
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const size = start + length;
  return bytes.length < size ? undefined : { opcode, fin, payload: bytes.subarray(start, size), size };
}
