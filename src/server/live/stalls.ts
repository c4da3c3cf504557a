import type { Clock } from "../../core/clock.ts";
import type { Peer } from "../guard/live-peers.ts";
import type { SlowReaders } from "../guard/slow-readers.ts";
import { WorkQueue } from "./work-queue.ts";

/** Time without any progress after which a reader is disconnected, in milliseconds. */
export const STALL = 10_000;

/** Share of `--max-memory` that may be buffered for readers that do not read, and the least, in bytes. */
const BUFFER = { share: 1 / 8, least: 16 * 1024 * 1024 };

/** Returns how much may be buffered for readers that do not read, in bytes: for HTTP, and again for WebSockets. */
export function bufferLimit(maxMemory: number): number {
  return Math.max(maxMemory * BUFFER.share, BUFFER.least);
}

/** A connection whose client may read too slowly. */
export interface StallingReader {
  /** Drops the connection. */
  abort(): void;
}

/** A stalled response. */
interface StallingResponse extends StallingReader {
  /** Called when the client can take more. */
  resume(): void;
  close(): void;
}

interface Stall {
  readonly since: number;
  readonly bytes: number;
}

/**
 * The readers of a server that read more slowly than it writes. Each holds its last write. Together they hold a bounded amount;
 * beyond it, those that have stalled longest are disconnected.
 */
export class Stalls {
  /** Longest first. */
  private readonly stalls = new Map<StallingReader, Stall>();
  /** What is written to those who read a lot. */
  readonly work: WorkQueue;
  private bytes = 0;
  private readonly limit: number;
  private readonly clock: Clock;

  private readonly slow: SlowReaders<StallingReader> | undefined;

  /** Without `slow`, only progress that the runtime reports counts. */
  constructor(clock: Clock, maxMemory: number, slow?: SlowReaders<StallingReader>) {
    this.slow = slow;
    this.clock = clock;
    this.limit = bufferLimit(maxMemory);
    this.work = new WorkQueue(clock);
  }

  /** Notes that this much is buffered for a reader who has stopped reading. */
  begin(reader: StallingReader, bytes: number): void {
    const since = this.stalls.get(reader)?.since ?? this.clock.monotonic();
    this.end(reader);
    this.stalls.set(reader, { since, bytes });
    this.bytes += bytes;
    for (const each of this.stalls.keys()) {
      if (this.bytes <= this.limit) break;
      this.abort(each);
    }
  }

  /** Notes that a reader resumed or left. */
  end(reader: StallingReader): void {
    const stall = this.stalls.get(reader);
    if (stall === undefined) return;
    this.stalls.delete(reader);
    this.bytes -= stall.bytes;
  }

  /** Watches a reader of a large response, at this end of its connection, more closely until {@link leave}. */
  watch(reader: StallingReader, peer: Peer): void {
    this.slow?.add(reader, peer);
  }

  /** Notes that a reader left. */
  leave(reader: StallingReader): void {
    this.end(reader);
    this.slow?.remove(reader);
  }

  /** Writes to a response. Returns false under back-pressure: the runtime has taken the bytes but no more until it calls `resume`. */
  write(sink: ReadableStreamDirectController, bytes: Uint8Array, reader: StallingResponse): boolean {
    const written = sink.write(bytes);
    void sink.flush();
    if (typeof written === "number") return true;
    this.begin(reader, bytes.length);
    written.then(
      () => {
        this.end(reader);
        this.work.run(() => reader.resume());
      },
      () => reader.close(),
    );
    return false;
  }

  /** Disconnects readers that stalled for too long. Called about once a second. */
  onTimer(): void {
    for (const reader of this.slow?.progressed() ?? []) {
      const stall = this.stalls.get(reader);
      if (stall === undefined) continue;
      this.end(reader);
      this.begin(reader, stall.bytes);
    }
    const latest = this.clock.monotonic() - STALL;
    for (const [reader, { since }] of this.stalls) if (since <= latest) this.abort(reader);
  }

  private abort(reader: StallingReader): void {
    this.end(reader);
    reader.abort();
  }
}
