import type { EncryptedEvent } from "../../client/encrypted/index.ts";
import type { StreamEvent } from "../../client/index.ts";

/** How long a stream lives if nobody writes, in seconds. */
export interface Life {
  readonly left: number;
  readonly ttl: number;
}

/** Follows how long a stream lives, from its events. */
export class RemainingLife {
  /** The time-to-live of a stream that its first message creates, in seconds. */
  private readonly defaultTtl: number;
  private ttl: number;
  /** When the stream expires, in milliseconds since 1970; undefined while it does not exist, or nothing is known. */
  private end: number | undefined;
  /** Messages up to this one were counted by the server, in nanoseconds since 1970. */
  private counted = "";

  constructor(defaultTtl: number) {
    this.defaultTtl = defaultTtl;
    this.ttl = defaultTtl;
  }

  /** @param now milliseconds since 1970 */
  take(event: StreamEvent | EncryptedEvent, now: number): void {
    switch (event.type) {
      case "welcome":
        this.ttl = event.ttl;
        this.counted = event.created;
        this.end = event.left === undefined ? undefined : now + event.left;
        break;
      case "created":
        this.ttl = event.ttl;
        this.end = now + event.ttl * 1000;
        break;
      case "message":
        // Nanoseconds have 19 digits until the year 2286. Without a welcome, nothing is known.
        if (this.counted !== "" && event.message.created > this.counted) this.end = now + this.ttl * 1000;
        break;
      case "ended":
        this.ttl = this.defaultTtl;
        this.end = undefined;
        break;
      default:
    }
  }

  at(now: number): Life | undefined {
    return this.end === undefined ? undefined : { left: Math.max(this.end - now, 0) / 1000, ttl: this.ttl };
  }
}
