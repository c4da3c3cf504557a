/**
 * Sets an entry and makes it the newest. Forgets the oldest entry if there are more than `most`, and returns its value.
 */
export function renew<K, V>(map: Map<K, V>, key: K, value: V, most: number): V | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return undefined;
  for (const [oldest, forgotten] of map) {
    map.delete(oldest);
    return forgotten;
  }
  return undefined;
}
