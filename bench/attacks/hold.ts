import type { Socket } from "bun";
import { connect, openAll, type Reader } from "../load/connection.ts";
import { ResponseCounter } from "../load/response-counter.ts";
import { codeOf } from "./answers.ts";
import type { AttackContext } from "./attack.ts";
import { pause, repeat } from "./wait.ts";

interface HoldOptions {
  /** Connections to hold; by default as many as possible. */
  readonly count?: number;
  /** What each connection sends first. */
  readonly opening: (number: number) => string | Buffer;
  /** Whether the connections read more than the beginning of the first answer. By default they do. */
  readonly reading?: boolean;
  /** Called when the connection is open and has sent its opening. */
  readonly connected?: (connection: HeldConnection) => void;
  /** Called when the server has answered for the first time and did not refuse. */
  readonly opened?: (connection: HeldConnection) => void;
  /** Called for each later piece of an answer. */
  readonly received?: (connection: HeldConnection) => void;
  /** Occurs once in each later answer that counts as an item. */
  readonly item?: string;
}

/** Time between two attempts to replace connections that were closed, in milliseconds. */
const RETRY = 100;

/** Connections opened before the next look at what is missing. */
const BATCH = 2048;

/** Opens connections and keeps them open until the end of the attack; replaces those that the server closes. */
export async function hold(context: AttackContext, options: HoldOptions): Promise<void> {
  const count = Math.min(options.count ?? context.maxConnections, context.maxConnections);
  const { signal, tally } = context;
  const open = new Set<HeldConnection>();
  let next = 0;
  while (!signal.aborted) {
    const missing = Math.min(count - open.size, BATCH);
    await openAll(missing, async () => {
      if (signal.aborted) return;
      const held = new HeldConnection(context, options, next++, () => open.delete(held));
      open.add(held);
      try {
        await held.open();
      } catch {
        open.delete(held);
        tally.refuse("no connection");
      }
    });
    if (missing < BATCH) await pause(RETRY, signal);
  }
}

/** Holds connections, and calls `work` for each one that was opened, at an interval in milliseconds. */
export async function holdAndUse(
  context: AttackContext,
  options: Omit<HoldOptions, "opened">,
  interval: number,
  work: (connection: HeldConnection) => void,
): Promise<void> {
  const opened = new Set<HeldConnection>();
  await Promise.all([
    hold(context, { ...options, opened: (connection) => opened.add(connection) }),
    repeat(interval, context.signal, () => {
      for (const connection of opened) work(connection);
    }),
  ]);
}

/** One connection, which counts as held until the server refuses or closes it. */
export class HeldConnection implements Reader {
  private socket: Socket<Reader> | undefined = undefined;
  private unsent: Buffer = Buffer.alloc(0);
  private answered = false;
  private counted = false;
  private readonly context: AttackContext;
  private readonly options: HoldOptions;
  readonly number: number;
  private readonly forget: () => void;
  private readonly items: ResponseCounter | undefined;

  constructor(context: AttackContext, options: HoldOptions, number: number, forget: () => void) {
    this.context = context;
    this.options = options;
    this.number = number;
    this.forget = forget;
    this.items = options.item === undefined ? undefined : new ResponseCounter(Buffer.from(options.item));
  }

  async open(): Promise<void> {
    const { port, host } = this.context;
    this.socket = await connect<Reader>(port, this, host);
    this.counted = true;
    this.context.tally.hold();
    this.send(this.options.opening(this.number));
    this.options.connected?.(this);
  }

  /** Whether everything was sent. */
  get idle(): boolean {
    return this.unsent.length === 0;
  }

  send(bytes: string | Buffer): void {
    this.unsent = Buffer.concat([this.unsent, Buffer.from(bytes)]);
    this.drained();
  }

  drained(): void {
    if (this.unsent.length === 0 || this.socket === undefined) return;
    this.unsent = this.unsent.subarray(Math.max(0, this.socket.write(this.unsent)));
  }

  read(chunk: Buffer): void {
    if (!this.answered) {
      this.begin(chunk);
      return;
    }
    this.count(chunk);
    this.options.received?.(this);
  }

  /** Reads on after the first answer. */
  resume(): void {
    this.socket?.resume();
  }

  /** Stops reading. */
  stall(): void {
    this.socket?.pause();
  }

  drop(): void {
    this.release();
    this.socket?.terminate();
  }

  closed(): void {
    if (this.counted && !this.context.signal.aborted) this.context.tally.refuse("closed");
    this.release();
    this.forget();
  }

  private begin(chunk: Buffer): void {
    this.answered = true;
    const start = chunk.toString("latin1", 0, Math.min(chunk.length, 1024));
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1] ?? 0);
    if (status >= 400) {
      this.context.tally.refuse(codeOf({ status, body: start }));
      this.drop();
      return;
    }
    if (this.options.reading === false) this.stall();
    this.options.opened?.(this);
  }

  private count(chunk: Buffer): void {
    if (this.items === undefined) return;
    const { tally } = this.context;
    tally.items += this.items.read(chunk);
    if (!chunk.includes('"Type":"error"')) return;
    for (const [, code = ""] of chunk.toString("latin1").matchAll(/"Code":"(\w+)"/g)) tally.refuse(code);
  }

  private release(): void {
    if (this.counted) this.context.tally.release();
    this.counted = false;
  }
}
