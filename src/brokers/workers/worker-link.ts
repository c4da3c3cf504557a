import type { Broker, Maybe, Payer, Position, Replay } from "../../core/broker.ts";
import { partsOf, unescaped } from "../../core/content.ts";
import type { Message } from "../../core/message.ts";
import type { Page } from "../../core/page.ts";
import type { CheckedMessage } from "../../protocol/checked-message.ts";
import { Problem } from "../../protocol/problem.ts";
import type { FrameSender } from "./batches.ts";
import { encodeMainFrame, type MainAnswer } from "./main-frames.ts";
import type { ReadQueue } from "./read-queue.ts";
import type { SharedAudience } from "./shared-audience.ts";
import type { WorkerFrame, WorkerRequest } from "./worker-frames.ts";

/** What the links to all workers share. */
export interface LinkContext {
  readonly broker: Broker;
  readonly audience: SharedAudience;
  /** Whether messages are refused because the server shuts down. */
  readonly isClosing: boolean;
  /** Returns the client that pays, which all workers share, by its key. */
  readonly payerOf: (key: string) => Payer;
  /** Large answers. */
  readonly reads: ReadQueue<WorkerLink>;
  /** An unexpected error of the broker. */
  onError(error: unknown): void;
  /** Tells a worker the news of a stream from now on. */
  add(stream: string, link: WorkerLink): void;
  remove(stream: string, link: WorkerLink): void;
  /** The name as it is kept for a stream that workers are subscribed to: the one in a frame would keep its batch. */
  nameOf(stream: string): string | undefined;
}

/** Answers the requests of one worker, in the order in which the broker does. */
export class WorkerLink {
  /** Those that the worker is subscribed to. */
  readonly streams = new Set<string>();
  /** Those whose news was left out because the worker is behind. */
  private readonly missed = new Set<string>();
  private readonly sender: FrameSender;
  private readonly context: LinkContext;

  constructor(sender: FrameSender, context: LinkContext) {
    this.sender = sender;
    this.context = context;
  }

  /** Sends encoded news of a stream, unless the worker is far behind: then it is told later where to go on. `stream` is kept. */
  tell(stream: string, news: string): void {
    if (this.sender.isFull) this.missed.add(stream);
    else if (!this.missed.has(stream)) this.sender.send(news);
  }

  /** Whether so much waits for the worker that reads have to wait, and news is left out. */
  get isFull(): boolean {
    return this.sender.isFull;
  }

  /** Whether news was left out that the worker has not been told of. */
  get isBehind(): boolean {
    return this.missed.size > 0;
  }

  /** Tells a worker that is no longer behind where news goes on. Called when it has read, and about once a second. */
  resumeMissed(): void {
    for (const stream of this.missed) {
      if (this.sender.isFull) return;
      this.resume(stream);
    }
  }

  /** Clears the missed state of a stream. */
  forget(stream: string): void {
    this.streams.delete(stream);
    this.missed.delete(stream);
  }

  private resume(stream: string): void {
    const resumed = ({ cursor }: Position) => {
      if (!this.missed.delete(stream)) return;
      this.send(encodeMainFrame({ kind: "resumed", stream, position: cursor }));
      const json = this.context.audience.refreshEvent(stream);
      if (json !== undefined) this.send(encodeMainFrame({ kind: "event", stream, json }));
    };
    const position = this.context.broker.subscribe(stream);
    if (position instanceof Promise) {
      // Tried again by the timer.
      position.then(resumed, () => {});
    } else resumed(position);
  }

  private send(frame: string): void {
    this.sender.send(frame);
  }

  /** Handles what the worker sent. */
  onFrame(frame: Exclude<WorkerFrame, { kind: "control" }>): void {
    const { context } = this;
    switch (frame.kind) {
      case "unsubscribe":
        return context.remove(frame.stream, this);
      case "person":
      case "announce":
        return this.onListeners(frame);
      case "page":
      case "replay":
      case "list":
        if (!context.reads.add(this, () => this.answer(frame)))
          this.fail(frame.id, new Problem("too_busy", "Too many requests for history"));
        return;
      default:
        this.answer(frame);
    }
  }

  private onListeners(frame: Extract<WorkerFrame, { kind: "person" | "announce" }>): void {
    const { audience } = this.context;
    const stream = this.context.nameOf(frame.stream);
    if (stream === undefined || !this.streams.has(stream)) return;
    if (frame.kind === "announce") audience.announce(stream, this, frame.count);
    else audience.setPerson(stream, this, frame.key, frame.person);
  }

  private answer(request: WorkerRequest): void {
    try {
      const answer = this.execute(request);
      if (!(answer instanceof Promise)) return this.send(encodeMainFrame(answer));
      answer.then(
        (late) => this.send(encodeMainFrame(late)),
        (error: unknown) => this.fail(request.id, error),
      );
    } catch (error) {
      this.fail(request.id, error);
    }
  }

  private fail(id: number, error: unknown): void {
    if (!(error instanceof Problem)) this.context.onError(error);
    const { code, detail, retryAfter } = Problem.of(error);
    this.send(encodeMainFrame({ kind: "problem", id, problem: { code, detail, retryAfter } }));
  }

  private execute(request: WorkerRequest): Maybe<MainAnswer> {
    const { broker, audience } = this.context;
    const { id } = request;
    switch (request.kind) {
      case "publish": {
        this.checkOpen();
        const { stream, content, ref } = request;
        const message = broker.publish(stream, checkedOf(content), ref, this.payer(request.payer));
        return answerWith(message, ({ created }) => ({ kind: "published", id, created }));
      }
      case "subscribe":
        this.context.add(request.stream, this);
        return answerWith(broker.subscribe(request.stream), (position) => ({
          kind: "position",
          id,
          position,
        }));
      case "page":
        return answerWith(broker.page(request.stream, request.query), (page) => messagesOf(id, page));
      case "replay": {
        const { stream, cursor, limit } = request;
        return answerWith(broker.replay(stream, cursor, limit), (replay) => messagesOf(id, replay));
      }
      case "list":
        return answerWith(broker.list(request.limit, request.prefix), (streams) => ({
          kind: "listed",
          id,
          streams: streams.map((each) => ({ ...each, observers: audience.observers(each.name) })),
        }));
      case "create": {
        this.checkOpen();
        const { name, private: isPrivate, ttl } = request;
        const wanted = { name, private: isPrivate, ttl, payer: this.payer(request.payer) };
        return answerWith(broker.create(wanted), (stream) => ({ kind: "stream", id, stream }));
      }
      case "end":
        this.checkOpen();
        return answerWith(broker.end(request.stream, request.owner), () => ({ kind: "done", id }));
      case "presence":
        return { kind: "people", id, presence: audience.presence(request.stream) };
    }
  }

  private payer(key: string | undefined): Payer | undefined {
    return key === undefined ? undefined : this.context.payerOf(key);
  }

  /** @throws Problem `shutting_down` */
  private checkOpen(): void {
    if (this.context.isClosing) throw new Problem("shutting_down");
  }
}

function answerWith<T>(result: Maybe<T>, answer: (result: T) => MainAnswer): Maybe<MainAnswer> {
  return result instanceof Promise ? result.then(answer) : answer(result);
}

function messagesOf(id: number, found: Page | Replay): MainAnswer {
  const entries = found.messages.map(({ created, content }: Message) => ({ created, content }));
  return {
    kind: "messages",
    id,
    cursor: found.cursor,
    gap: "gap" in found ? found.gap : undefined,
    entries,
  };
}

/** A message that a worker checked. Brokers keep its content, so the text is only made when it is asked for. */
class ReceivedMessage implements CheckedMessage {
  readonly escaped: string;

  constructor(escaped: string) {
    this.escaped = escaped;
  }

  get text(): string {
    return unescaped(this.escaped);
  }
}

function checkedOf(content: string): CheckedMessage {
  const parts = partsOf(content);
  if (parts === undefined) return new ReceivedMessage(content);
  const [name, escaped] = parts;
  return { name: unescaped(name), escaped, text: unescaped(escaped) };
}
