/** Number of hues. Hue `i` is about `i` × 30° on the colour wheel: 0 is red, 4 green, 8 blue. */
export const HUES = 12;

/** Returns the hue in which a name is shown, from 0: the same one on the page and in the terminal. FNV-1a, 32 bits, of UTF-16 units. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % HUES;
}
