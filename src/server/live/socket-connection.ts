import { copyString } from "../../core/copy-string.ts";
import type { Hub } from "../../core/hub.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { checkMessage } from "../../protocol/checked-message.ts";
import { MAX_SUBSCRIPTIONS } from "../../protocol/limits.ts";
import { checkName } from "../../protocol/name.ts";
import type { WirePerson } from "../../protocol/presence.ts";
import { Problem } from "../../protocol/problem.ts";
import { readResume } from "../../protocol/query.ts";
import {
  ackJson,
  checkNames,
  decodeFrame,
  readClientFrame,
  refOf,
  uniqueRef,
  CLOSE,
  type ClientFrame,
  type MessageFrame,
  type PresenceFrame,
  type Ref,
  type ServerFrame,
  type SubscribeFrame,
} from "../../protocol/socket.ts";
import type { Peer } from "../guard/live-peers.ts";
import type { Client } from "../limits/client.ts";
import { MALFORMED_FRAME } from "../limits/rates.ts";
import type { Logger } from "../log.ts";
import { checkRight } from "../proof.ts";
import type { Shutdown } from "../shutdown.ts";
import type { ClosingSockets } from "./closing-sockets.ts";
import { SocketPace, type PaceContext } from "./socket-pace.ts";
import { SocketSubscriber, type Framing, type Socket, type SocketGroups } from "./socket-group.ts";

/** The options of a WebSocket, from its opening request. */
export interface SocketOpening {
  /** Who opened it. Has counted the connection, and the subscription if it begins with one. */
  readonly client: Client;
  /** The other end of the connection, if it is known. */
  readonly peer?: Peer | undefined;
  /** The stream of frames without one. */
  readonly stream: string;
  readonly framing: Framing;
  /** Whether to subscribe to the stream when the socket opens. */
  readonly listens: boolean;
  /** Where the subscription begins; undefined: live only. */
  readonly cursor: Cursor | undefined;
  /** The person to show in the presence list, if any. */
  readonly person: WirePerson | undefined;
}

/** Shared by all WebSockets of a server. */
export interface SocketContext {
  readonly hub: Hub;
  readonly groups: SocketGroups;
  readonly closing: ClosingSockets;
  readonly shutdown: Shutdown;
  readonly pace: PaceContext;
  readonly log: Logger;
}

/** One WebSocket: its subscriptions, and the frames of its client. */
export class SocketConnection {
  /** Usually one, so an array: a Map would take a tenth of the memory of an idle socket. */
  private readonly subscriptions: SocketSubscriber[] = [];
  private stalledSince: number | undefined = undefined;
  /** Dropped once used, to save memory while idle. */
  private opening: SocketOpening | undefined;
  private stream: string;
  /** Made for the first message: many WebSockets only listen. */
  private pace: SocketPace | undefined = undefined;
  private readonly framing: Framing;
  private readonly client: Client;
  private readonly peer: Peer | undefined;
  private readonly context: SocketContext;

  constructor(opening: SocketOpening, context: SocketContext) {
    this.opening = opening;
    this.stream = opening.stream;
    this.framing = opening.framing;
    this.client = opening.client;
    this.peer = opening.peer;
    this.context = context;
  }

  open(socket: Socket): void {
    const { opening } = this;
    this.opening = undefined;
    if (opening?.listens === true) {
      const subscriber = this.addSubscriber(socket, opening.stream);
      // The group has a copy already.
      this.stream = subscriber.group.stream;
      this.subscribe(subscriber, opening.cursor, opening.person);
    } else {
      this.stream = copyString(this.stream);
      send(socket, { Type: "welcome", Server: this.context.hub.server });
    }
  }

  /** Handles a frame. Every frame is answered with an ack or an error. */
  receive(socket: Socket, data: string | Uint8Array): void {
    let ref: Ref | undefined;
    try {
      if (typeof data !== "string") throw new Problem("bad_request", "Frames must be text, not binary");
      const raw = decodeFrame(data);
      ref = refOf(raw);
      checkNames(data, raw);
      const frame = readClientFrame(raw, this.stream);
      if (frame.Type !== "ping") this.context.shutdown.check();
      if (frame.Type === "message") return this.publish(socket, ref, frame);
      this.client.admitFrame();
      if (frame.Type === "subscribe") return this.acceptSubscription(socket, ref, frame);
      this.execute(frame);
      acknowledge(socket, ref);
    } catch (error) {
      this.reject(socket, ref, error);
    }
  }

  /** Returns how long the client has not read buffered data, in milliseconds. Called once a second, which is also its precision. */
  stalledFor(socket: Socket, now: number): number {
    // Resumes in case the buffer was emptied without a drain.
    if (socket.getBufferedAmount() === 0) this.drain();
    else this.stalledSince ??= now;
    return now - (this.stalledSince ?? now);
  }

  /** Called when the socket can take more. */
  drain(): void {
    this.stalledSince = undefined;
    for (const subscriber of this.subscriptions) subscriber.resume();
  }

  closed(): void {
    const { client, context, opening } = this;
    client.closeConnection(this.peer);
    // Closed before it was opened.
    if (opening?.listens === true) client.closeSubscription();
    this.pace?.close();
    context.closing.add(this);
  }

  /** See {@link ClosedConnection}. */
  endSubscriptions(limit: number): number {
    const ended = this.subscriptions.splice(-limit);
    for (const subscriber of ended) this.drop(subscriber);
    return ended.length;
  }

  /** Whether a subscription has not caught up yet, or what was sent is not on its way. */
  isBehind(socket: Socket): boolean {
    return (
      this.subscriptions.some(({ state }) => state === "replaying" || state === "paused") ||
      socket.getBufferedAmount() > 0
    );
  }

  /** Sends acks that are delayed, before the connection is closed. */
  flushAcks(): void {
    this.pace?.flush();
  }

  private publish(socket: Socket, ref: Ref | undefined, frame: MessageFrame): void {
    const { hub, pace: context } = this.context;
    const stream = this.streamOf(frame);
    checkRight(stream, "writer", frame.Access);
    const checked = checkMessage(stream, frame.Text, frame.Name);
    this.pace ??= new SocketPace(socket, this.client, context);
    const { pace } = this;
    try {
      const due = pace.admit(stream, checked);
      const message = hub.publish(stream, checked, uniqueRef(ref), this.client.payer);
      if (!(message instanceof Promise)) return pace.acknowledge(ackJson(ref, message), due);
      message.then(
        (late) => pace.acknowledgeLate(ackJson(ref, late), due),
        (error: unknown) => this.refuse(socket, ref, pace, error),
      );
    } catch (error) {
      this.refuse(socket, ref, pace, error);
    }
  }

  private refuse(socket: Socket, ref: Ref | undefined, pace: SocketPace, error: unknown): void {
    if (error instanceof Problem) pace.refuse(error);
    this.reject(socket, ref, error);
  }

  private execute(frame: Exclude<ClientFrame, SubscribeFrame | MessageFrame>): void {
    if (frame.Type === "presence") this.setPerson(frame);
    else if (frame.Type === "unsubscribe") this.unsubscribe(checkName(frame.Stream));
  }

  private setPerson(frame: PresenceFrame): void {
    const stream = this.streamOf(frame);
    checkRight(stream, "reader", frame.Access);
    this.subscription(stream).setPerson(frame.Person);
  }

  /** Returns the stream of a frame. @throws Problem `bad_name` */
  private streamOf({ Stream }: { readonly Stream?: string }): string {
    return Stream === undefined ? this.stream : checkName(Stream);
  }

  /** @throws Problem `bad_request` if the socket is not subscribed to the stream */
  private subscription(stream: string): SocketSubscriber {
    const found = this.subscriptions.find(({ group }) => group.stream === stream);
    if (found === undefined) throw new Problem("bad_request", `Not subscribed to "${stream}"`);
    return found;
  }

  private reject(socket: Socket, ref: Ref | undefined, error: unknown): void {
    if (!(error instanceof Problem)) this.context.log.error("a WebSocket frame", error);
    const problem = Problem.of(error);
    const { code, detail, retryAfter } = problem;
    this.context.hub.counters.reject(code);
    send(socket, {
      Type: "error",
      ...(ref !== undefined && { Ref: ref }),
      Code: code,
      Text: detail,
      ...(retryAfter !== undefined && { RetryAfter: retryAfter }),
    });
    const isMalformed = problem.status === 400 || problem.status === 413;
    if (!this.client.chargeRefusal(isMalformed ? MALFORMED_FRAME : 1))
      socket.close(CLOSE.tooFast, "Too many refused frames");
  }

  /** Sends the ack first: everything after it belongs to the new subscription. */
  private acceptSubscription(
    socket: Socket,
    ref: Ref | undefined,
    { Stream, Last, Person, Access }: SubscribeFrame,
  ): void {
    const cursor = readResume(Last, this.context.hub.server, "Last");
    const stream = checkName(Stream);
    checkRight(stream, "reader", Access);
    // Replaces the subscription to the stream, if there is one.
    this.unsubscribe(stream);
    this.openSubscription();
    const subscriber = this.addSubscriber(socket, stream);
    acknowledge(socket, ref);
    this.subscribe(subscriber, cursor, Person);
  }

  /** @throws Problem `too_many_subscriptions`, `too_busy` */
  private openSubscription(): void {
    if (this.subscriptions.length === MAX_SUBSCRIPTIONS) {
      throw new Problem(
        "too_many_subscriptions",
        `Too many subscriptions; the limit is ${MAX_SUBSCRIPTIONS} per WebSocket`,
      );
    }
    this.client.openSubscription();
  }

  private addSubscriber(socket: Socket, stream: string): SocketSubscriber {
    const subscriber = new SocketSubscriber(
      socket,
      this.context.groups.acquire(stream, this.framing),
      this.subscriptions,
    );
    this.subscriptions.push(subscriber);
    return subscriber;
  }

  private subscribe(subscriber: SocketSubscriber, cursor?: Cursor, person?: WirePerson): void {
    try {
      this.context.hub.subscribe(subscriber.group.stream, subscriber, cursor, person);
    } catch (error) {
      subscriber.failed(error);
    }
  }

  private unsubscribe(stream: string): void {
    const place = this.subscriptions.findIndex(({ group }) => group.stream === stream);
    const [subscriber] = place === -1 ? [] : this.subscriptions.splice(place, 1);
    if (subscriber !== undefined) this.drop(subscriber);
  }

  private drop(subscriber: SocketSubscriber): void {
    subscriber.unsubscribe();
    this.context.groups.release(subscriber.group);
    this.client.closeSubscription();
  }
}

function acknowledge(socket: Socket, ref: Ref | undefined): void {
  socket.send(ackJson(ref));
}

function send(socket: Socket, frame: ServerFrame): void {
  socket.send(JSON.stringify(frame));
}
