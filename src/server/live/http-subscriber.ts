import type { Batch, Format } from "../../core/batch.ts";
import type { Hub } from "../../core/hub.ts";
import { Subscriber } from "../../core/subscriber.ts";
import { UNSCHEDULED, type WheelEntry } from "../../core/timing-wheel.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { sseFrame } from "../../protocol/frames.ts";
import type { WirePerson } from "../../protocol/presence.ts";
import type { Peer } from "../guard/live-peers.ts";
import type { Client } from "../limits/client.ts";
import type { Leaver } from "../shutdown.ts";
import type { Stalls } from "./stalls.ts";

const encoder = new TextEncoder();

/** A comment or a blank line (as in ntfy). No blank line follows the comment: some clients would take it for an event. */
const HEARTBEATS: Record<Format, Uint8Array> = {
  sse: encoder.encode(":\n"),
  ndjson: encoder.encode("\n"),
  text: encoder.encode("\n"),
};

/** Reconnection time for browsers in milliseconds: random, so that they do not all reconnect at the same time. */
const RETRY = { least: 1000, spread: 2000 };

interface SubscribeRequest {
  /** Its connection and its subscription are counted already. */
  readonly client: Client;
  /** The other end of the connection, if it is known. */
  readonly peer?: Peer | undefined;
  readonly stream: string;
  /** Undefined: live only. */
  readonly cursor: Cursor | undefined;
  /** The person to show in the presence list, if any. */
  readonly person: WirePerson | undefined;
}

/** Is notified when the state of a connection changes. */
export interface HttpSubscriberOwner {
  opened(subscriber: HttpSubscriber): void;
  readonly stalls: Stalls;
  closed(subscriber: HttpSubscriber): void;
  /** The broker could not serve the subscription. */
  failed(error: unknown): void;
}

/**
 * A subscriber over a plain HTTP response. It is also the source of the response's direct stream, which stays open until
 * closed, so an idle subscriber costs one object.
 */
export class HttpSubscriber extends Subscriber implements WheelEntry, Leaver, Bun.DirectUnderlyingSource {
  /** Not a field: there are many idle listeners. */
  get type(): "direct" {
    return "direct";
  }

  /** Slot in the heartbeat wheel. */
  slot = UNSCHEDULED;
  position = 0;

  readonly format: Format;
  private sink: ReadableStreamDirectController | undefined = undefined;
  private readonly owner: HttpSubscriberOwner;
  private readonly hub: Hub;
  /** Pays for the connection and the subscription until it is closed. */
  private client: Client | undefined;
  private readonly peer: Peer | undefined;
  /** Dropped once used, to save memory while idle. */
  private request: SubscribeRequest | undefined;

  constructor(owner: HttpSubscriberOwner, hub: Hub, request: SubscribeRequest, format: Format) {
    super();
    this.owner = owner;
    this.hub = hub;
    this.request = request;
    this.client = request.client;
    this.peer = request.peer;
    this.format = format;
  }

  override get transport(): Format {
    return this.format;
  }

  /** Called once, when the runtime is ready to send. The stream stays open after it returns. */
  pull(sink: ReadableStreamDirectController): void {
    this.sink = sink;
    this.owner.opened(this);
    const { request } = this;
    this.request = undefined;
    if (request === undefined) return;
    try {
      this.hub.subscribe(request.stream, this, request.cursor, request.person);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Called when the client disconnects. */
  cancel(): void {
    this.sink = undefined;
    this.unsubscribe();
    this.client?.closeListener(this.peer);
    this.client = undefined;
    this.owner.closed(this);
  }

  /** The first write also sends the response headers. Plain text shows no events, so it begins with a heartbeat. */
  override welcome(batch: Batch): boolean {
    if (this.format === "text") return this.send(HEARTBEATS.text);
    if (this.format === "ndjson") return this.write(batch);
    const retry = `retry:${Math.round(RETRY.least + Math.random() * RETRY.spread)}\n`;
    return this.send(encoder.encode(retry + batch.entries.map(sseFrame).join("")));
  }

  override write(batch: Batch): boolean {
    return this.send(batch.bytes(this.format));
  }

  /** Keeps proxies from closing an idle connection, and detects a dead one. */
  heartbeat(): void {
    if (this.state === "live" && !this.send(HEARTBEATS[this.format])) this.pause();
  }

  override takeTurn(replay: () => void): void {
    this.owner.stalls.work.run(replay);
  }

  override failed(error: unknown): void {
    this.owner.failed(error);
    this.close();
  }

  /** See {@link Leaver}. */
  get isBehind(): boolean {
    return this.sink !== undefined && this.state !== "live";
  }

  /** See {@link Leaver}. Other formats than server-sent events cannot ask the client to come back later. */
  leave(comeBack: number): void {
    if (this.format === "sse" && this.state === "live") this.send(encoder.encode(`retry:${comeBack}\n`));
    this.close();
  }

  /** Ends the response properly. */
  override close(): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.cancel();
    sink.close();
  }

  /** Drops the connection of a client that does not read, and so could not receive a proper end of the response. */
  abort(): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.hub.counters.stalled++;
    this.cancel();
    sink.close(new Error("stalled"));
  }

  /** See {@link Stalls.write}. */
  private send(bytes: Uint8Array): boolean {
    const { sink } = this;
    // An empty chunk would end the response (RFC 9112 §7.1).
    if (sink === undefined || bytes.length === 0) return true;
    return this.owner.stalls.write(sink, bytes, this);
  }
}
