import type { Hub } from "../core/hub.ts";
import type { Message } from "../core/message.ts";
import { formatCursor, type Cursor } from "../protocol/cursor.ts";
import { MAX_SUBSCRIPTIONS } from "../protocol/limits.ts";
import { checkName } from "../protocol/name.ts";
import { Problem } from "../protocol/problem.ts";
import { readResume } from "../protocol/query.ts";
import {
  decodeFrame,
  readClientFrame,
  refOf,
  type ClientFrame,
  type Ref,
  type ServerFrame,
} from "../protocol/socket.ts";
import { checkText } from "../protocol/text.ts";
import { SocketSubscriber, type Framing, type Socket, type SocketGroups } from "./socket-group.ts";

/** What a WebSocket begins with. */
export interface SocketOpening {
  readonly stream: string;
  readonly cursor: Cursor | undefined;
  readonly framing: Framing;
}

/** One WebSocket: the streams that it listens to, and what its client asks for. */
export class SocketConnection {
  /** Mostly one, for which a Map would take a tenth of what an idle socket takes. */
  private readonly subscriptions: SocketSubscriber[] = [];
  private stalledSince: number | undefined = undefined;
  private readonly opening: SocketOpening;
  private readonly hub: Hub;
  private readonly groups: SocketGroups;

  constructor(opening: SocketOpening, hub: Hub, groups: SocketGroups) {
    this.opening = opening;
    this.hub = hub;
    this.groups = groups;
  }

  open(socket: Socket): void {
    this.subscribe(socket, this.opening.stream, this.opening.cursor);
  }

  /** A frame from the client. Whatever it is, it is answered: by an ack or by an error. */
  receive(socket: Socket, data: string | Uint8Array): void {
    let ref: Ref | undefined;
    try {
      if (typeof data !== "string") throw new Problem("bad_request", "Frames are text, not binary");
      const raw = decodeFrame(data);
      ref = refOf(raw);
      const answer = this.carryOut(socket, readClientFrame(raw));
      if (answer instanceof Promise) this.answerLater(socket, ref, answer);
      else answerFrame(socket, ref, answer);
    } catch (error) {
      refuse(socket, ref, error);
    }
  }

  /** For how long it has taken nothing of what waits for it, in milliseconds. Told once a second, it may be one late. */
  stalledFor(socket: Socket, now: number): number {
    if (socket.getBufferedAmount() === 0) this.stalledSince = undefined;
    else this.stalledSince ??= now;
    return now - (this.stalledSince ?? now);
  }

  /** The socket has taken something. */
  drain(): void {
    this.stalledSince = undefined;
    for (const subscriber of this.subscriptions) subscriber.resume();
  }

  closed(): void {
    for (const { group } of this.subscriptions.slice()) this.unsubscribe(group.stream);
  }

  private carryOut(socket: Socket, frame: ClientFrame): Message | undefined | Promise<Message> {
    switch (frame.Type) {
      case "message": {
        const stream = frame.Stream === undefined ? this.opening.stream : checkName(frame.Stream);
        return this.hub.publish(stream, checkText(frame.Text));
      }
      case "subscribe":
        this.subscribe(socket, checkName(frame.Stream), readResume(frame.Last, "Last"));
        return undefined;
      case "unsubscribe":
        this.unsubscribe(checkName(frame.Stream));
        return undefined;
    }
  }

  private answerLater(socket: Socket, ref: Ref | undefined, answer: Promise<Message>): void {
    answer.then(
      (message) => answerFrame(socket, ref, message),
      (error: unknown) => refuse(socket, ref, error),
    );
  }

  /** Subscribing again begins again, from the new cursor. */
  private subscribe(socket: Socket, stream: string, cursor: Cursor | undefined): void {
    this.unsubscribe(stream);
    if (this.subscriptions.length === MAX_SUBSCRIPTIONS) {
      throw new Problem(
        "too_many_subscriptions",
        `A WebSocket listens to ${MAX_SUBSCRIPTIONS} streams at the most`,
      );
    }
    const subscriber = new SocketSubscriber(
      socket,
      this.groups.acquire(stream, this.opening.framing),
      this.subscriptions,
    );
    this.subscriptions.push(subscriber);
    this.hub.subscribe(stream, subscriber, cursor);
  }

  private unsubscribe(stream: string): void {
    const place = this.subscriptions.findIndex(({ group }) => group.stream === stream);
    const [subscriber] = place === -1 ? [] : this.subscriptions.splice(place, 1);
    if (subscriber === undefined) return;
    subscriber.leave();
    this.groups.release(stream, this.opening.framing);
  }
}

function answerFrame(socket: Socket, ref: Ref | undefined, message: Message | undefined): void {
  send(socket, {
    Type: "ack",
    ...(ref !== undefined && { Ref: ref }),
    ...(message !== undefined && { Id: message.id, Created: formatCursor(message.created) }),
  });
}

function refuse(socket: Socket, ref: Ref | undefined, error: unknown): void {
  const { code, detail } = Problem.of(error);
  send(socket, { Type: "error", ...(ref !== undefined && { Ref: ref }), Code: code, Text: detail });
}

function send(socket: Socket, frame: ServerFrame): void {
  socket.send(JSON.stringify(frame));
}
