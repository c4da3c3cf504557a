import type { Batch } from "../../core/batch.ts";
import { copyString } from "../../core/copy-string.ts";
import { insert, remove, type Positioned } from "../../core/positions.ts";
import { Subscriber, type SubscriberGroup } from "../../core/subscriber.ts";
import { CLOSE } from "../../protocol/socket.ts";
import type { Logger } from "../log.ts";
import type { WorkQueue } from "./work-queue.ts";
import { Problem } from "../../protocol/problem.ts";

/** The part of the runtime's WebSocket that is used. */
export interface Socket {
  /** Returns more than 0 if sent, -1 if buffered (no more until `drain`), 0 if the socket is closed. */
  send(text: string): number;
  /** Combines everything that the callback sends into one write. */
  cork(callback: () => void): unknown;
  close(code: number, reason: string): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  getBufferedAmount(): number;
}

/** A WebSocket's subscription to one stream. */
export class SocketSubscriber extends Subscriber implements Positioned {
  override readonly group: SocketGroup;
  readonly socket: Socket;
  /** Its index in the group. */
  position = 0;
  /** All subscriptions of the socket, including this one: they pause together. */
  readonly siblings: readonly SocketSubscriber[];

  constructor(socket: Socket, group: SocketGroup, siblings: readonly SocketSubscriber[]) {
    super();
    this.socket = socket;
    this.siblings = siblings;
    this.group = group;
  }

  override enterGroup(): void {
    this.group.add(this);
  }

  override leaveGroup(): void {
    this.group.delete(this);
  }

  override write(batch: Batch): boolean {
    const texts = this.group.framing === "lines" ? [batch.lines] : batch.entries.map(({ json }) => json);
    let open = true;
    this.socket.cork(() => {
      for (const text of texts) open = this.socket.send(text) !== 0 && open;
    });
    // A later send may have emptied the buffer that an earlier one filled: the runtime then never reports a drain.
    return open && this.hasRoom;
  }

  override get hasRoom(): boolean {
    return this.socket.getBufferedAmount() === 0;
  }

  override takeTurn(replay: () => void): void {
    this.group.work.run(replay);
  }

  override failed(error: unknown): void {
    // A problem is the client's, or known to the operator.
    if (!(error instanceof Problem)) this.group.log.error("a subscription", error);
    this.close();
  }

  override close(): void {
    this.socket.close(CLOSE.tryAgain, "Reconnect and resume");
  }
}

/** `single`: a frame per message. `lines`: all messages of a turn in one frame, one per line. */
export type Framing = "single" | "lines";

/** Sends a text to all sockets of a topic. Returns 0 or less if it was buffered or dropped for one of them. */
export type TopicPublisher = (topic: string, text: string) => number;

/** What all groups share. */
export interface GroupContext {
  readonly publish: TopicPublisher;
  readonly log: Logger;
  /** Replays history. */
  readonly work: WorkQueue;
  /** Sockets have more buffered than they take. */
  onFull(): void;
}

/** The sockets subscribed to one stream with one framing. They share a topic, to which the runtime publishes natively. */
export class SocketGroup implements SubscriberGroup {
  readonly transport = "websocket";
  readonly stream: string;
  readonly framing: Framing;
  /** The number of {@link SocketGroups.acquire} without a {@link SocketGroups.release}. */
  users = 0;
  readonly topic: string;
  /** An array: a Set would take a tenth of the memory of a subscription to a stream of its own. */
  private readonly members: SocketSubscriber[] = [];
  private readonly context: GroupContext;

  constructor(stream: string, framing: Framing, topic: string, context: GroupContext) {
    this.stream = stream;
    this.framing = framing;
    this.topic = topic;
    this.context = context;
  }

  get log(): Logger {
    return this.context.log;
  }

  get work(): WorkQueue {
    return this.context.work;
  }

  get size(): number {
    return this.members.length;
  }

  add(subscriber: SocketSubscriber): void {
    insert(this.members, subscriber);
    subscriber.socket.subscribe(this.topic);
  }

  delete(subscriber: SocketSubscriber): void {
    remove(this.members, subscriber);
    subscriber.socket.unsubscribe(this.topic);
  }

  write(batch: Batch): void {
    if (this.members.length === 0) return;
    const texts = this.framing === "lines" ? [batch.lines] : batch.entries.map(({ json }) => json);
    let room = true;
    for (const text of texts) room = this.context.publish(this.topic, text) > 0 && room;
    // The runtime reports only that some socket is full. Full ones leave the topic, so each is found once.
    if (!room) this.pauseFull();
  }

  private pauseFull(): void {
    const full = this.members.filter((member) => !member.hasRoom);
    for (const { siblings } of full) {
      for (const subscriber of siblings) subscriber.pause();
    }
    if (full.length > 0) this.context.onFull();
    // Leaving the topic sends what is buffered. If that empties the buffer, the runtime never reports a drain.
    queueMicrotask(() => {
      for (const { siblings } of full.filter((member) => member.hasRoom)) {
        for (const subscriber of siblings) subscriber.resume();
      }
    });
  }
}

/** The groups of all streams with WebSocket subscribers, by topic. */
export class SocketGroups {
  private readonly groups = new Map<string, SocketGroup>();
  private readonly context: GroupContext;

  constructor(context: GroupContext) {
    this.context = context;
  }

  /** Returns the stream's group. Each call needs one {@link release}. */
  acquire(stream: string, framing: Framing): SocketGroup {
    const topic = topicOf(stream, framing);
    let group = this.groups.get(topic);
    if (group === undefined) {
      group = new SocketGroup(copyString(stream), framing, topic, this.context);
      this.groups.set(topic, group);
    }
    group.users++;
    return group;
  }

  release(group: SocketGroup): void {
    if (--group.users === 0) this.groups.delete(group.topic);
  }
}

/** Stream names contain no slash. */
function topicOf(stream: string, framing: Framing): string {
  return `${framing}/${stream}`;
}
