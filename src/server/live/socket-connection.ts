import type { Hub } from "../../core/hub.ts";
import type { Message } from "../../core/message.ts";
import { formatCursor, type Cursor } from "../../protocol/cursor.ts";
import { MAX_SUBSCRIPTIONS } from "../../protocol/limits.ts";
import { checkName } from "../../protocol/name.ts";
import type { WirePerson } from "../../protocol/presence.ts";
import { Problem } from "../../protocol/problem.ts";
import { readResume } from "../../protocol/query.ts";
import {
  decodeFrame,
  readClientFrame,
  refOf,
  uniqueRef,
  type ClientFrame,
  type Ref,
  type ServerFrame,
} from "../../protocol/socket.ts";
import { checkText } from "../../protocol/text.ts";
import { SocketSubscriber, type Framing, type Socket, type SocketGroups } from "./socket-group.ts";

/** What a WebSocket begins with. */
export interface SocketOpening {
  /** Where its messages go that name no stream. */
  readonly stream: string;
  readonly framing: Framing;
  /** Whether it listens to the stream; otherwise to none until it asks for one, and it is greeted. */
  readonly listens: boolean;
  /** From after which message it listens; undefined is from now on. */
  readonly cursor: Cursor | undefined;
  /** As whom it is seen, if at all. */
  readonly person: WirePerson | undefined;
}

/** One WebSocket: the streams that it listens to, and what its client asks for. */
export class SocketConnection {
  /** Mostly one, for which a Map would take a tenth of what an idle socket takes. */
  private readonly subscriptions: SocketSubscriber[] = [];
  private stalledSince: number | undefined = undefined;
  /** Forgotten once it is open: a socket that does nothing should cost little. */
  private opening: SocketOpening | undefined;
  private stream: string;
  private readonly framing: Framing;
  private readonly hub: Hub;
  private readonly groups: SocketGroups;

  constructor(opening: SocketOpening, hub: Hub, groups: SocketGroups) {
    this.opening = opening;
    this.stream = opening.stream;
    this.framing = opening.framing;
    this.hub = hub;
    this.groups = groups;
  }

  open(socket: Socket): void {
    const { opening } = this;
    this.opening = undefined;
    if (opening?.listens === true) {
      this.subscribe(socket, opening.stream, opening.cursor, opening.person);
      // The same text as that of all others who listen: its own is a part of the request's URL, and keeps all of it.
      this.stream = this.subscription(opening.stream).group.stream;
    } else send(socket, { Type: "welcome", Server: this.hub.origin });
  }

  /** A frame from the client. Whatever it is, it is answered: by an ack or by an error. */
  receive(socket: Socket, data: string | Uint8Array): void {
    let ref: Ref | undefined;
    try {
      if (typeof data !== "string") throw new Problem("bad_request", "Frames are text, not binary");
      const raw = decodeFrame(data);
      ref = refOf(raw);
      const answer = this.carryOut(socket, readClientFrame(raw), uniqueRef(ref));
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

  private carryOut(
    socket: Socket,
    frame: ClientFrame,
    ref: string | undefined,
  ): Message | Cursor | undefined | Promise<Message> {
    switch (frame.Type) {
      case "message":
        return this.hub.publish(this.streamOf(frame), checkText(frame.Text), ref);
      case "presence":
        this.subscription(this.streamOf(frame)).show(frame.Person);
        return undefined;
      case "subscribe":
        return this.subscribe(socket, checkName(frame.Stream), readResume(frame.Last, "Last"), frame.Person);
      case "unsubscribe":
        this.unsubscribe(checkName(frame.Stream));
        return undefined;
      case "ping":
        return undefined;
    }
  }

  /** The stream that a frame is about. @throws Problem `bad_name` */
  private streamOf({ Stream }: { readonly Stream?: string }): string {
    return Stream === undefined ? this.stream : checkName(Stream);
  }

  /** @throws Problem `bad_request` where the socket does not listen to the stream */
  private subscription(stream: string): SocketSubscriber {
    const found = this.subscriptions.find(({ group }) => group.stream === stream);
    if (found === undefined) throw new Problem("bad_request", `The WebSocket does not listen to ${stream}`);
    return found;
  }

  private answerLater(socket: Socket, ref: Ref | undefined, answer: Promise<Message>): void {
    answer.then(
      (message) => answerFrame(socket, ref, message),
      (error: unknown) => refuse(socket, ref, error),
    );
  }

  /** Subscribing again begins again, from the new cursor. Answers up to where the client has been given all, if that is known. */
  private subscribe(
    socket: Socket,
    stream: string,
    cursor: Cursor | undefined,
    person?: WirePerson,
  ): Cursor | undefined {
    this.unsubscribe(stream);
    if (this.subscriptions.length === MAX_SUBSCRIPTIONS) {
      throw new Problem(
        "too_many_subscriptions",
        `A WebSocket listens to ${MAX_SUBSCRIPTIONS} streams at the most`,
      );
    }
    const subscriber = new SocketSubscriber(
      socket,
      this.groups.acquire(stream, this.framing),
      this.subscriptions,
    );
    this.subscriptions.push(subscriber);
    this.hub.subscribe(stream, subscriber, cursor, person);
    return subscriber.state === "live" ? this.hub.now() : undefined;
  }

  private unsubscribe(stream: string): void {
    const place = this.subscriptions.findIndex(({ group }) => group.stream === stream);
    const [subscriber] = place === -1 ? [] : this.subscriptions.splice(place, 1);
    if (subscriber === undefined) return;
    subscriber.leave();
    this.groups.release(stream, this.framing);
  }
}

function answerFrame(socket: Socket, ref: Ref | undefined, answer: Message | Cursor | undefined): void {
  const message = typeof answer === "object" ? answer : undefined;
  const created = typeof answer === "number" ? answer : message?.created;
  send(socket, {
    Type: "ack",
    ...(ref !== undefined && { Ref: ref }),
    ...(message !== undefined && { Id: message.id }),
    ...(created !== undefined && { Created: formatCursor(created) }),
  });
}

function refuse(socket: Socket, ref: Ref | undefined, error: unknown): void {
  const { code, detail } = Problem.of(error);
  send(socket, { Type: "error", ...(ref !== undefined && { Ref: ref }), Code: code, Text: detail });
}

function send(socket: Socket, frame: ServerFrame): void {
  socket.send(JSON.stringify(frame));
}
