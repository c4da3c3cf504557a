/** How many hues there are: more could not be told apart. */
const HUES = 12;

/** Returns the hue of a name in degrees, the same everywhere. The style makes a legible colour of it, see log.css. */
export function nameHue(name: string): number {
  // FNV-1a over UTF-16 code units; its low bits alone are badly mixed.
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (((hash ^ (hash >>> 15)) >>> 0) % HUES) * (360 / HUES);
}
