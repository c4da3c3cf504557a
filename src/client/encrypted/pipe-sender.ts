import { BYTES_PER_FRAME } from "../../crypto/pipe/index.ts";
import { MaltenError } from "../index.ts";
import { checkedText } from "./checks.ts";
import { broken, type PipeDriver } from "./pipe-driver.ts";
import { Sequence } from "./sequence.ts";

/** The part of the controller of a `WritableStream` that is used here: the runtimes' types differ in the signal. */
interface Writer {
  error(reason: unknown): void;
  readonly signal?: AbortSignal;
}

/** What one end sends: texts and bytes, in the order of the calls, as fast as the other end takes them. */
export class PipeSender {
  readonly writable: WritableStream<Uint8Array>;
  readonly #driver: PipeDriver;
  /** What is to be sent, each after what was asked for before. */
  readonly #sending = new Sequence();
  #writer: Writer | undefined;
  #isFinished = false;
  #hasBytes = false;

  /** `leave` ends the pipe, because the writer aborted. */
  constructor(driver: PipeDriver, leave: (reason: unknown) => Promise<void>) {
    this.#driver = driver;
    this.writable = new WritableStream({
      start: (writer) => {
        this.#writer = writer;
        // At once: `abort` is called when the write that waits for the other end is over.
        const { signal }: Writer = writer;
        signal?.addEventListener("abort", () => void leave(signal.reason));
      },
      write: (chunk) => this.#sending.run(() => this.#write(chunk)),
      close: () => this.#sending.run(() => this.#finish()),
      abort: leave,
    });
  }

  /** Whether bytes were sent. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /** Whether all that was to be sent is, and the end can follow at once. */
  get canFinish(): boolean {
    return !this.#isFinished && this.#sending.isIdle && this.#driver.end.capacity > 0;
  }

  async send(text: string): Promise<void> {
    const checked = checkedText(text);
    const { acks } = await this.#sending.run(async () => {
      if (this.#isFinished) throw new MaltenError("closed", "This end has finished sending");
      return this.#driver.send(() => this.#driver.end.sendText(checked));
    });
    await Promise.all(acks);
  }

  /** Rejects what is written from now on. */
  close(error: MaltenError): void {
    this.#writer?.error(error);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#hasBytes = true;
    const { end } = this.#driver;
    let sent = 0;
    while (sent < chunk.length)
      await this.#driver.send(() => {
        const piece = chunk.subarray(sent, sent + end.capacity * BYTES_PER_FRAME);
        sent += piece.length;
        return end.sendBytes(piece);
      });
  }

  /** Says that nothing follows, and waits until the other end has taken everything. */
  async #finish(): Promise<void> {
    const { end } = this.#driver;
    await this.#driver.send(() => {
      this.#isFinished = true;
      return end.sendEnd();
    });
    for (;;) {
      const { closed } = this.#driver;
      // Another one that is admitted does not have it.
      if (closed || end.state !== "joined")
        throw closed?.error ?? broken("The other end left before it received everything");
      if (end.isDelivered) return;
      await this.#driver.change();
    }
  }
}
