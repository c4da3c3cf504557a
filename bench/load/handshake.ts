import type { Socket } from "bun";
import { connect, type Reader } from "./connection.ts";

const TIMEOUT_MS = 20_000;

/** Waits for the reply to the first request, then passes everything after it to `next`. */
class Handshake implements Reader {
  private received = Buffer.alloc(0);
  private complete = false;
  private readonly reply: Buffer;
  private readonly next: Reader;
  private readonly done: PromiseWithResolvers<void>;

  constructor(reply: Buffer, next: Reader, done: PromiseWithResolvers<void>) {
    this.reply = reply;
    this.next = next;
    this.done = done;
  }

  read(chunk: Buffer): void {
    if (this.complete) {
      this.next.read(chunk);
      return;
    }
    this.received = Buffer.concat([this.received, chunk]);
    const at = this.received.indexOf(this.reply);
    if (at < 0) return;
    this.complete = true;
    const rest = this.received.subarray(at + this.reply.length);
    this.received = Buffer.alloc(0);
    this.done.resolve();
    if (rest.length > 0) this.next.read(rest);
  }

  drained(): void {
    this.next.drained?.();
  }

  closed(): void {
    const start = this.received.toString("latin1", 0, 300);
    this.done.reject(new Error(`connection closed during the handshake: ${start}`));
    this.next.closed?.();
  }
}

/**
 * Opens a connection, sends `request` and waits for `reply`.
 *
 * @param reply bytes that end the server's reply
 * @throws when the connection is closed before the reply, or after 20 s
 */
export async function openWithHandshake(
  port: number,
  request: Buffer,
  reply: Buffer,
  next: Reader,
): Promise<Socket<Reader>> {
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    done.reject(new Error(`no reply to ${JSON.stringify(request.toString("latin1", 0, 60))}`));
  }, TIMEOUT_MS);
  try {
    const socket = await connect<Reader>(port, new Handshake(reply, next, done));
    socket.write(request);
    await done.promise;
    return socket;
  } finally {
    clearTimeout(timer);
  }
}
