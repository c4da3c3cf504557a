/** Opcodes of RFC 6455 §5.2. */
const OPCODES = { continuation: 0, text: 1 } as const;

interface FrameOptions {
  readonly opcode?: keyof typeof OPCODES;
  /** Whether it is the last frame of a message. */
  readonly last?: boolean;
}

/** A WebSocket frame of a client. Its masking key is zero, which leaves the payload as it is. */
export function frame(payload: string | Buffer, { opcode = "text", last = true }: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  const size = length < 126 ? [length] : [126, length >> 8, length & 0xff];
  size[0] = (size[0] ?? 0) | 0x80;
  return Buffer.concat([Buffer.from([(last ? 0x80 : 0) | OPCODES[opcode], ...size, 0, 0, 0, 0]), bytes]);
}
