import type { Socket } from "bun";
import { connect, type Reader } from "./connection.ts";

/** How long a server may take to answer what a connection begins with, in milliseconds. */
const PATIENCE = 20_000;

/** A connection that begins with a word and its answer; all that comes later is `next`'s. */
class Greeting implements Reader {
  private seen = Buffer.alloc(0);
  private greeted = false;
  private readonly answer: Buffer;
  private readonly next: Reader;
  private readonly done: PromiseWithResolvers<void>;

  constructor(answer: Buffer, next: Reader, done: PromiseWithResolvers<void>) {
    this.answer = answer;
    this.next = next;
    this.done = done;
  }

  read(chunk: Buffer): void {
    if (this.greeted) {
      this.next.read(chunk);
      return;
    }
    this.seen = Buffer.concat([this.seen, chunk]);
    const at = this.seen.indexOf(this.answer);
    if (at < 0) return;
    this.greeted = true;
    const rest = this.seen.subarray(at + this.answer.length);
    this.seen = Buffer.alloc(0);
    this.done.resolve();
    if (rest.length > 0) this.next.read(rest);
  }

  drained(): void {
    this.next.drained?.();
  }

  closed(): void {
    this.done.reject(new Error(`closed before it was answered: ${this.seen.toString("latin1", 0, 300)}`));
    this.next.closed?.();
  }
}

/** Opens a connection, says `hello` and waits for `answer`. */
export async function greet(
  port: number,
  hello: Buffer,
  answer: Buffer,
  next: Reader,
): Promise<Socket<Reader>> {
  const done = Promise.withResolvers<void>();
  const late = setTimeout(() => {
    done.reject(new Error(`no answer to ${JSON.stringify(hello.toString("latin1", 0, 60))}`));
  }, PATIENCE);
  try {
    const socket = await connect<Reader>(port, new Greeting(answer, next, done));
    socket.write(hello);
    await done.promise;
    return socket;
  } finally {
    clearTimeout(late);
  }
}
