import type { Batch, Format } from "../../core/batch.ts";
import type { Hub } from "../../core/hub.ts";
import { Subscriber } from "../../core/subscriber.ts";
import { UNSCHEDULED, type WheelEntry } from "../../core/timing-wheel.ts";
import { formatCursor, type Cursor } from "../../protocol/cursor.ts";
import type { WirePerson } from "../../protocol/presence.ts";

const encoder = new TextEncoder();

/** Bytes that say nothing, in each format: a comment, a blank line (as in ntfy). */
const HEARTBEATS: Record<Format, Uint8Array> = {
  sse: encoder.encode(":\n\n"),
  ndjson: encoder.encode("\n"),
  text: encoder.encode("\n"),
};

/** When a browser comes back after its connection broke, in milliseconds: spread out, so that not all come at once. */
const RETRY = { least: 1000, spread: 2000 };

/** How a reader begins. */
interface Beginning {
  readonly stream: string;
  /** After which message; undefined is from now on. */
  readonly cursor: Cursor | undefined;
  /** As whom it is seen, if at all. */
  readonly person: WirePerson | undefined;
}

/** What is told of a reader's life, to whoever looks after all of them. */
export interface HttpSubscriberOwner {
  opened(subscriber: HttpSubscriber): void;
  stalled(subscriber: HttpSubscriber): void;
  recovered(subscriber: HttpSubscriber): void;
  closed(subscriber: HttpSubscriber): void;
}

/**
 * A reader over a plain HTTP response. It is itself the source of the response's direct stream, which the runtime holds
 * open until it is closed: so a reader who listens and does nothing costs one object.
 */
export class HttpSubscriber extends Subscriber implements WheelEntry, Bun.DirectUnderlyingSource {
  readonly type = "direct";
  /** Its place in the wheel of heartbeats. */
  slot = UNSCHEDULED;
  position = 0;

  readonly format: Format;
  private sink: ReadableStreamDirectController | undefined = undefined;
  private readonly owner: HttpSubscriberOwner;
  private readonly hub: Hub;
  /** Forgotten once it has begun: a reader who listens and does nothing should cost little. */
  private beginning: Beginning | undefined;

  constructor(owner: HttpSubscriberOwner, hub: Hub, beginning: Beginning, format: Format) {
    super();
    this.owner = owner;
    this.hub = hub;
    this.beginning = beginning;
    this.format = format;
  }

  /** The runtime is ready to send. Called once; the stream stays open when it returns. */
  pull(sink: ReadableStreamDirectController): void {
    this.sink = sink;
    this.owner.opened(this);
    const { beginning } = this;
    this.send(this.greeting());
    this.beginning = undefined;
    if (beginning === undefined) return;
    this.hub.subscribe(beginning.stream, this, beginning.cursor, beginning.person);
    if (this.format === "sse" && this.state === "live" && !this.send(this.place())) this.fallBehind();
  }

  /** The client is gone. */
  cancel(): void {
    this.sink = undefined;
    this.leave();
    this.owner.closed(this);
  }

  override write(batch: Batch): boolean {
    return this.send(batch.bytes(this.format));
  }

  /** A sign of life, which proxies want to see and by which a dead connection is noticed. */
  heartbeat(): void {
    if (this.state === "live" && !this.send(HEARTBEATS[this.format])) this.fallBehind();
  }

  /** Ends the response in good order. */
  override close(): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.cancel();
    sink.close();
  }

  /** Ends the connection of a client that does not read: it could not be told anything. */
  abort(): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.cancel();
    sink.close(new Error("stalled"));
  }

  /** Headers go out with the first byte, so there is one at once, which says nothing. */
  private greeting(): Uint8Array {
    if (this.format !== "sse") return HEARTBEATS[this.format];
    return encoder.encode(`retry:${Math.round(RETRY.least + Math.random() * RETRY.spread)}\n\n`);
  }

  /** An id without an event: who has been given all can resume from here, too, before the first message. */
  private place(): Uint8Array {
    return encoder.encode(`id:${formatCursor(this.hub.now())}\n\n`);
  }

  /** Answers false under back-pressure: the runtime has taken the bytes, but can take no more until its promise says so. */
  private send(bytes: Uint8Array): boolean {
    const { sink } = this;
    // An empty chunk would end the response (RFC 9112 §7.1).
    if (sink === undefined || bytes.length === 0) return true;
    const written = sink.write(bytes);
    void sink.flush();
    if (typeof written === "number") return true;
    this.owner.stalled(this);
    written.then(
      () => {
        this.owner.recovered(this);
        this.resume();
      },
      () => this.close(),
    );
    return false;
  }
}
