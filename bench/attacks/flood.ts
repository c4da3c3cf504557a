import type { Socket } from "bun";
import { connect, openAll, type Reader } from "../load/connection.ts";
import { AnswerParser, type Answer } from "./answers.ts";
import type { AttackContext } from "./attack.ts";
import { untilAborted } from "./wait.ts";

interface FloodOptions {
  readonly connections?: number;
  /** Requests in flight per connection. */
  readonly depth?: number;
  /** Ends after this many requests instead of at the signal. */
  readonly count?: number;
  /** Returns the request with this number. */
  readonly request: (number: number) => string | Buffer;
  /** Receives the answers that are not refusals. */
  readonly answered?: (answer: Answer) => void;
}

/** Sends requests as fast as they are answered, and counts the answers. */
export async function flood(context: AttackContext, options: FloodOptions): Promise<void> {
  const { connections = 64 } = options;
  const run = new Flood(context, options);
  await openAll(connections, () => run.open());
  await Promise.race([run.finished, untilAborted(context.signal)]);
}

class Flood {
  private sent = 0;
  private answers = 0;
  private readonly done = Promise.withResolvers<void>();
  private readonly context: AttackContext;
  private readonly options: FloodOptions;

  constructor(context: AttackContext, options: FloodOptions) {
    this.context = context;
    this.options = options;
  }

  get finished(): Promise<void> {
    return this.done.promise;
  }

  async open(): Promise<void> {
    const connection = new FloodConnection(this);
    const { port, host } = this.context;
    connection.start(await connect<Reader>(port, connection, host), this.options.depth ?? 16);
  }

  /** Undefined when no more requests are to be sent. */
  next(): string | Buffer | undefined {
    const { count = Number.POSITIVE_INFINITY, request } = this.options;
    return this.sent < count && !this.context.signal.aborted ? request(this.sent++) : undefined;
  }

  receive(answer: Answer): void {
    const { tally } = this.context;
    if (answer.status < 400) {
      tally.succeed();
      this.options.answered?.(answer);
    } else {
      tally.countRefusal(answer);
    }
    if (++this.answers === this.options.count) this.done.resolve();
  }

  closed(): void {
    if (this.context.signal.aborted) return;
    this.context.tally.refuse("closed");
    this.open().catch(() => {
      this.context.tally.refuse("no connection");
    });
  }
}

class FloodConnection implements Reader {
  private socket: Socket<Reader> | undefined = undefined;
  private unsent: Buffer = Buffer.alloc(0);
  private received = 0;
  private readonly run: Flood;
  private readonly parser: AnswerParser;

  constructor(run: Flood) {
    this.run = run;
    this.parser = new AnswerParser((answer) => {
      this.received++;
      run.receive(answer);
    });
  }

  start(socket: Socket<Reader>, depth: number): void {
    this.socket = socket;
    this.send(depth);
  }

  read(chunk: Buffer): void {
    this.received = 0;
    this.parser.read(chunk);
    this.send(this.received);
  }

  drained(): void {
    this.send(0);
  }

  closed(): void {
    this.run.closed();
  }

  private send(count: number): void {
    const parts = [this.unsent];
    for (let i = 0; i < count; i++) {
      const request = this.run.next();
      if (request === undefined) break;
      parts.push(typeof request === "string" ? Buffer.from(request, "latin1") : request);
    }
    const bytes = Buffer.concat(parts);
    if (bytes.length === 0 || this.socket === undefined) return;
    this.unsent = bytes.subarray(Math.max(0, this.socket.write(bytes)));
  }
}
