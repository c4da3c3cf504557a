import type { Broker, BrokerListener } from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { copyString } from "../../core/copy-string.ts";
import type { IdGenerator } from "../../core/id-generator.ts";
import type { Message } from "../../core/message.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { EndReason } from "../../protocol/message.ts";
import type { FrameSender } from "./batches.ts";
import { encodeMainFrame, type MainNews } from "./main-frames.ts";
import { ReadQueue } from "./read-queue.ts";
import { SharedAudience } from "./shared-audience.ts";
import { WorkerLink, type LinkContext } from "./worker-link.ts";

/** A stream that workers are subscribed to. */
interface LinkedStream {
  readonly name: string;
  readonly links: Set<WorkerLink>;
}

interface WorkerLinksOptions {
  readonly broker: Broker;
  /** Number the events about listeners. */
  readonly ids: IdGenerator;
  readonly clock: Clock;
  /** See {@link LinkContext.payerOf}. */
  readonly payerOf: LinkContext["payerOf"];
  /** Called for each message. */
  readonly onPublished?: (message: Message) => void;
  /** Called for an error of the broker that is no problem of the request. */
  readonly onError?: (error: unknown) => void;
}

/** Serves the broker of this process to workers, and tells them the news of the streams that they are subscribed to. */
export class WorkerLinks implements BrokerListener, LinkContext {
  readonly broker: Broker;
  readonly payerOf: LinkContext["payerOf"];
  readonly audience: SharedAudience;
  readonly reads: ReadQueue<WorkerLink>;
  readonly onError: (error: unknown) => void;
  isClosing = false;
  private readonly links = new Set<WorkerLink>();
  private readonly streams = new Map<string, LinkedStream>();
  private readonly onPublished: (message: Message) => void;

  constructor(options: WorkerLinksOptions) {
    const { broker, ids, clock, payerOf, onPublished = () => {}, onError = () => {} } = options;
    this.broker = broker;
    this.onError = onError;
    this.reads = new ReadQueue(() => clock.monotonic());
    this.payerOf = payerOf;
    this.onPublished = onPublished;
    this.audience = new SharedAudience(ids, clock, (stream, json) => {
      this.tell({ kind: "event", stream, json });
    });
    broker.listen(this);
  }

  /** The number of streams with listeners. */
  get listenedStreams(): number {
    return this.streams.size;
  }

  /** Returns the link to a new worker. */
  open(sender: FrameSender): WorkerLink {
    const link = new WorkerLink(sender, this);
    this.links.add(link);
    return link;
  }

  /** Removes the link to a worker that is gone. */
  closed(link: WorkerLink): void {
    this.links.delete(link);
    this.reads.remove(link);
    for (const stream of link.streams) this.remove(stream, link);
  }

  /** Accepts no messages any more: what was acknowledged before reaches all workers. */
  close(): void {
    this.isClosing = true;
  }

  /** Whether a worker has not been told of all news yet. */
  get isBehind(): boolean {
    return Array.from(this.links).some((link) => link.isBehind);
  }

  /** Goes on with what workers were too far behind for. Called when one has read. */
  onDrain(): void {
    for (const link of this.links) link.resumeMissed();
    this.reads.resume();
  }

  /** Runs periodic work besides that of the broker. Called about once a second. */
  onTimer(): void {
    this.audience.onTimer();
    this.onDrain();
  }

  add(stream: string, link: WorkerLink): void {
    let linked = this.streams.get(stream);
    if (linked === undefined) {
      linked = { name: copyString(stream), links: new Set() };
      this.streams.set(linked.name, linked);
    }
    linked.links.add(link);
    link.streams.add(linked.name);
  }

  remove(stream: string, link: WorkerLink): void {
    link.forget(stream);
    const linked = this.streams.get(stream);
    if (linked?.links.delete(link) !== true) return;
    this.audience.remove(stream, link);
    if (linked.links.size > 0) return;
    this.streams.delete(stream);
    this.broker.unsubscribe(stream);
  }

  nameOf(stream: string): string | undefined {
    return this.streams.get(stream)?.name;
  }

  published(message: Message, previous?: Cursor): void {
    this.onPublished(message);
    const { stream, created, content } = message;
    if (this.streams.has(stream)) this.tell({ kind: "message", stream, created, previous, content });
  }

  resumed(stream: string, position: Cursor): void {
    this.tell({ kind: "resumed", stream, position });
  }

  created(stream: string, ttl: number): void {
    this.tell({ kind: "created", stream, ttl });
  }

  expiring(stream: string, seconds: number): void {
    this.tell({ kind: "expiring", stream, seconds });
  }

  ended(stream: string, reason: EndReason): void {
    this.tell({ kind: "ended", stream, reason });
  }

  private tell(news: MainNews): void {
    const linked = this.streams.get(news.stream);
    if (linked === undefined) return;
    const frame = encodeMainFrame(news);
    for (const link of linked.links) link.tell(linked.name, frame);
  }
}
