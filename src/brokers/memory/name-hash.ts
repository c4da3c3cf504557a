/**
 * Returns a hash of a stream name: enough to recognise it, too little to recover an unguessable one. Two 32-bit FNV-1a hashes (RFC 9923) with
 * different offsets, cut to the 53 bits of a safe integer.
 */
export function hashName(name: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x01000193) ^ (low >>> 15);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
