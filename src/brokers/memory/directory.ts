import { PrefixIndex } from "./prefix-index.ts";
import { ShardedMap } from "./sharded-map.ts";
import type { Stream } from "./stream.ts";

/** All streams by name, and the public ones by prefix in the order of their newest message. */
export class Directory {
  private readonly streams = new ShardedMap<Stream>();
  private readonly listed = new PrefixIndex<Stream>();

  get size(): number {
    return this.streams.size;
  }

  get(name: string): Stream | undefined {
    return this.streams.get(name);
  }

  add(stream: Stream): void {
    this.streams.add(stream.name, stream);
    if (!stream.options.private) this.listed.add(stream);
  }

  /** Records that the stream has a new message. */
  touch(stream: Stream): void {
    this.listed.touch(stream);
  }

  delete(stream: Stream): void {
    this.streams.delete(stream.name);
    this.listed.delete(stream);
  }

  /** Returns the first `limit` public streams whose name begins with `prefix` and that have not expired, newest message first. */
  list(limit: number, prefix: string, now: number): Stream[] {
    const found: Stream[] = [];
    for (const stream of this.listed.search(prefix)) {
      if (found.length === limit) break;
      if (stream.deadline > now) found.push(stream);
    }
    return found;
  }
}
