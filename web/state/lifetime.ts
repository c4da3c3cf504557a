import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import type { WelcomeEvent } from "../../src/client/index.ts";
import type { EndReason } from "../../src/protocol/message.ts";

const SECOND = 1000;

/** The end is announced this many seconds before it, or a quarter of the time-to-live if that is less, as the server does. */
const NOTICE = 60;

interface End {
  readonly reason: EndReason;
  readonly at: Date;
}

/** How long a stream lives unless someone writes, and how many messages it keeps. Times are by this device's clock. */
export class Lifetime {
  /** The idle time-to-live in seconds; undefined while unknown. */
  readonly ttl = signal<number | undefined>();
  /** When the time-to-live last started over, in milliseconds since 1970. Undefined while the stream does not exist. */
  readonly since = signal<number | undefined>();
  /** When the stream expires unless someone writes, in milliseconds since 1970. Undefined while unknown. */
  readonly expiresAt: ReadonlySignal<number | undefined> = computed(() => {
    const { ttl, since } = this;
    if (ttl.value === undefined || since.value === undefined) return;
    return since.value + ttl.value * SECOND;
  });
  /** Whether the stream expires soon, and nobody has written since that was announced. */
  readonly isEnding = signal(false);
  /** Messages kept. */
  readonly count = signal(0);
  /** How many more messages are kept before the oldest have to leave. */
  readonly room = computed(() => MAX_MESSAGES - this.count.value);
  /** Whether the stream is known not to exist. */
  readonly isAbsent = computed(() => this.ttl.value !== undefined && this.since.value === undefined);
  /** How the stream ended, unless someone has written since. */
  readonly end = signal<End | undefined>();
  private readonly defaultTtl: () => Promise<number>;
  /** When the newest `welcome` was sent, by the server's clock. */
  private welcomed = "";

  /** `defaultTtl` returns the time-to-live in seconds of a stream that a message creates. */
  constructor(defaultTtl: () => Promise<number>) {
    this.defaultTtl = defaultTtl;
  }

  onWelcome({ created, ttl, left, count }: WelcomeEvent): void {
    this.welcomed = created;
    batch(() => {
      this.ttl.value = ttl;
      this.count.value = count;
      if (left === undefined) {
        this.since.value = undefined;
        this.isEnding.value = false;
        return;
      }
      this.startOver(Date.now() + left - ttl * SECOND);
      this.isEnding.value = left <= noticeOf(ttl) * SECOND;
      this.end.value = undefined;
    });
  }

  /** Someone has created the stream with this time-to-live, in seconds. It has no messages yet. */
  onCreated(ttl: number): void {
    batch(() => {
      this.ttl.value = ttl;
      this.end.value = undefined;
      this.startOver(Date.now());
    });
  }

  /** `created` is the message's, by the server's clock. */
  onMessage(created: string): void {
    // Nanoseconds have 19 digits until the year 2286.
    if (created <= this.welcomed) return;
    const isReborn = this.end.peek() !== undefined;
    batch(() => {
      this.count.value = Math.min(this.count.peek() + 1, MAX_MESSAGES);
      this.isEnding.value = false;
      this.end.value = undefined;
      this.startOver(Date.now());
      // The stream that ended may have had one of its own.
      if (isReborn) this.ttl.value = undefined;
    });
    if (isReborn) void this.learnTtl();
  }

  /** The server says that this many seconds are left. */
  onExpiring(seconds: number): void {
    batch(() => {
      this.isEnding.value = true;
      const ttl = this.ttl.peek();
      if (ttl !== undefined) this.startOver(Date.now() + (seconds - ttl) * SECOND);
    });
  }

  onEnd(reason: EndReason): void {
    batch(() => {
      this.end.value = { reason, at: new Date() };
      this.since.value = undefined;
      this.isEnding.value = false;
      this.count.value = 0;
    });
  }

  /** A change of less than a second would only restart what drains, with each message of a busy stream. */
  private startOver(since: number): void {
    const before = this.since.peek();
    if (before === undefined || Math.abs(since - before) >= SECOND) this.since.value = since;
  }

  private async learnTtl(): Promise<void> {
    try {
      const ttl = await this.defaultTtl();
      this.ttl.value ??= ttl;
    } catch {
      // The next welcome has it.
    }
  }
}

/** How long before its end a stream with this time-to-live is about to expire, in seconds. */
export function noticeOf(ttl: number): number {
  return Math.min(NOTICE, ttl / 4);
}
