import type { Stream } from "./stream.ts";

/** All streams by name, and the public ones in the order of their newest message. */
export class Directory {
  private readonly streams = new Map<string, Stream>();
  /** Ends of a doubly linked list: moving a stream to its head costs the same for ten streams and for a million. */
  private newest: Stream | undefined;

  get size(): number {
    return this.streams.size;
  }

  get(name: string): Stream | undefined {
    return this.streams.get(name);
  }

  add(stream: Stream): void {
    this.streams.set(stream.name, stream);
    this.link(stream);
  }

  /** The stream has a new message. */
  touch(stream: Stream): void {
    if (this.newest === stream) return;
    this.unlink(stream);
    this.link(stream);
  }

  delete(stream: Stream): void {
    this.streams.delete(stream.name);
    this.unlink(stream);
  }

  /** The first `limit` public streams that are alive and whose name begins with `prefix`, newest first. */
  list(limit: number, prefix: string, now: number): Stream[] {
    const found: Stream[] = [];
    for (let stream = this.newest; stream !== undefined && found.length < limit; stream = stream.older) {
      if (stream.deadline > now && stream.name.startsWith(prefix)) found.push(stream);
    }
    return found;
  }

  private link(stream: Stream): void {
    if (stream.options.private) return;
    stream.older = this.newest;
    if (this.newest !== undefined) this.newest.newer = stream;
    this.newest = stream;
  }

  private unlink(stream: Stream): void {
    if (stream.options.private) return;
    if (stream.newer !== undefined) stream.newer.older = stream.older;
    else this.newest = stream.older;
    if (stream.older !== undefined) stream.older.newer = stream.newer;
    stream.newer = undefined;
    stream.older = undefined;
  }
}
