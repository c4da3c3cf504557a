// Runs programs of the classic Berkeley Packet Filter as a kernel would, as far as the server uses them.
import { isIpv4, type Address } from "../src/protocol/address.ts";

/** A TCP segment as a filter sees it. */
export interface Segment {
  readonly source: Address;
  /** The flags of the TCP header. */
  readonly flags: number;
}

export const FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 };

/** Offset of the IP header: `SKF_NET_OFF`. */
const IP = -0x10_0000;

/** Reports whether a program accepts a segment. @throws Error for a program that the kernel would refuse */
export function accepts(program: Uint8Array, segment: Segment): boolean {
  const code = new DataView(program.buffer);
  const tcp = new DataView(new ArrayBuffer(20));
  tcp.setUint8(13, segment.flags);
  const ip = ipHeader(segment.source);
  let accumulator = 0;
  for (let index = 0; ; index++) {
    const start = index * 8;
    const operand = code.getUint32(start + 4, true);
    const offset = operand | 0;
    const [header, at] = offset < 0 ? [ip, offset - IP] : [tcp, offset];
    switch (code.getUint16(start, true)) {
      case 0x20:
        accumulator = header.getUint32(at);
        break;
      case 0x30:
        accumulator = header.getUint8(at);
        break;
      case 0x54:
        accumulator = (accumulator & operand) >>> 0;
        break;
      case 0x74:
        accumulator >>>= operand;
        break;
      case 0x05:
        index += operand;
        break;
      case 0x15:
        index += code.getUint8(start + (accumulator === operand ? 2 : 3));
        break;
      case 0x06:
        return operand > 0;
      default:
        throw new Error("unknown instruction");
    }
  }
}

function ipHeader(source: Address): DataView {
  const header = new DataView(new ArrayBuffer(40));
  const [version, start, groups] = isIpv4(source) ? [4, 12, source.slice(6)] : [6, 8, source];
  header.setUint8(0, (version << 4) | 5);
  for (const [i, group] of groups.entries()) header.setUint16(start + 2 * i, group);
  return header;
}
