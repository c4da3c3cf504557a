/** Number of maps; a power of 2. More of them would take more memory: the runtime makes a Map of 1,024 entries four times as large. */
const SHARDS = 32;

/**
 * A map from strings that never grows or shrinks all at once: a Map of a million entries takes 56 ms for the one insertion that
 * doubles it, and 32 ms for a deletion that halves it. Here, only one part at a time is resized.
 */
export class ShardedMap<V> {
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<string, V>());
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(key: string): V | undefined {
    return this.shardOf(key)?.get(key);
  }

  /** Adds an entry. The key must not be in the map. */
  add(key: string, value: V): void {
    this.shardOf(key)?.set(key, value);
    this.count++;
  }

  delete(key: string): void {
    if (this.shardOf(key)?.delete(key) === true) this.count--;
  }

  private shardOf(key: string): Map<string, V> | undefined {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return this.shards[(hash ^ (hash >>> 15)) & (SHARDS - 1)];
  }
}
