import type { Bytes } from "./bytes.ts";

/** The CRC-32 of gzip and PNG, RFC 1952 §8. It finds mistakes, not attacks. */
export function crc32(bytes: Bytes): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
