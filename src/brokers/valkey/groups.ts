/** Groups of streams. All keys of a group have the same hash tag, so they are in one slot of a cluster. */
export const GROUPS = 256;

/** Slots of a cluster. */
const SLOTS = 16_384;

/** Returns the group of a stream: FNV-1a over the name, which is ASCII. All servers of a cluster must agree. */
export function groupOf(stream: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (GROUPS - 1);
}

/** Returns what all keys of a group begin with. */
function groupPrefix(group: number): string {
  return `m:{${group}}`;
}

/** Returns the key that every group in use has, by which scripts are routed. */
export function groupKey(group: number): string {
  return `${groupPrefix(group)}:g`;
}

/** Returns the key of what all servers share. */
export const ORIGIN_KEY = `${groupPrefix(0)}:origin`;

/** Returns the channel with the news of a stream. */
export function channelOf(stream: string): string {
  return `${groupPrefix(groupOf(stream))}:c:${stream}`;
}

/** Returns the slot of a group in a cluster: CRC-16 (XMODEM) of the hash tag. */
export function slotOf(group: number): number {
  let crc = 0;
  for (const byte of Buffer.from(String(group))) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff;
  }
  return crc % SLOTS;
}
