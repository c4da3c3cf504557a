// A program of the classic Berkeley Packet Filter (linux/filter.h) for listening TCP sockets. The kernel runs it for each segment,
// with the TCP header at offset 0.
import { isIpv4, type Address } from "../../protocol/address.ts";

/** Operation, instructions to skip if a comparison is true or false, and operand. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** Size of `struct sock_filter`, in bytes. */
export const INSTRUCTION_SIZE = 8;

const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const AND = 0x54;
const SHIFT_RIGHT = 0x74;
const SKIP_IF_EQUAL = 0x15;
const SKIP = 0x05;
const RETURN = 0x06;

/** Offset of the IP header: `SKF_NET_OFF`, -1 MiB. */
const IP = 0xfff0_0000;

const IP_VERSION = IP;
const IPV4_SOURCE = IP + 12;
const IPV6_SOURCE = IP + 8;

/** Offset of the flags in the TCP header, and those that tell a new connection from everything else: FIN, SYN, RST and ACK. */
const TCP_FLAGS = 13;
const CONTROL = 0x17;
const SYN = 0x02;

const ACCEPT: Instruction = [RETURN, 0, 0, 0xffff_ffff];
const DROP: Instruction = [RETURN, 0, 0, 0];

/**
 * Returns a program that drops attempts to connect from some clients, and nothing else: connections inherit it from the listening
 * socket. An IPv6 address stands for its /64.
 */
export function synFilter(clients: readonly Address[]): Uint8Array<ArrayBuffer> {
  const ipv4 = [...load(IPV4_SOURCE), ...clients.filter(isIpv4).flatMap(dropIpv4), ACCEPT];
  const ipv6 = [...clients.filter((address) => !isIpv4(address)).flatMap(dropIpv6), ACCEPT];
  return encode([
    [LOAD_BYTE, 0, 0, TCP_FLAGS],
    [AND, 0, 0, CONTROL],
    [SKIP_IF_EQUAL, 1, 0, SYN],
    ACCEPT,
    [LOAD_BYTE, 0, 0, IP_VERSION],
    [SHIFT_RIGHT, 0, 0, 4],
    [SKIP_IF_EQUAL, 1, 0, 4],
    [SKIP, 0, 0, ipv4.length],
    ...ipv4,
    ...ipv6,
  ]);
}

function load(offset: number): Instruction[] {
  return [[LOAD_WORD, 0, 0, offset]];
}

function dropIpv4(address: Address): Instruction[] {
  return [[SKIP_IF_EQUAL, 0, 1, word(address, 6)], DROP];
}

function dropIpv6(address: Address): Instruction[] {
  return [
    ...load(IPV6_SOURCE),
    [SKIP_IF_EQUAL, 0, 3, word(address, 0)],
    ...load(IPV6_SOURCE + 4),
    [SKIP_IF_EQUAL, 0, 1, word(address, 2)],
    DROP,
  ];
}

/** Returns two groups of an address as a number. */
function word(address: Address, group: number): number {
  return (address[group] ?? 0) * 0x1_0000 + (address[group + 1] ?? 0);
}

function encode(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(program.length * INSTRUCTION_SIZE));
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    const start = index * INSTRUCTION_SIZE;
    bytes.setUint16(start, code, true);
    bytes.setUint8(start + 2, ifTrue);
    bytes.setUint8(start + 3, ifFalse);
    bytes.setUint32(start + 4, operand, true);
  }
  return new Uint8Array(bytes.buffer);
}
