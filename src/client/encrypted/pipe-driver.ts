import type { PipeEnd, PipeEndEvent, PipeStep } from "../../crypto/pipe/index.ts";
import type { ClientStream } from "../client-stream.ts";
import { MaltenError } from "../index.ts";
import { errorOf } from "./checks.ts";
import { Sequence } from "./sequence.ts";
import type { PipeState } from "./types.ts";

/** How often the pipe may renew its keys, in milliseconds. */
const TICK = 10_000;

type Closed = Extract<PipeState, { kind: "closed" }>;

/** The frames of a step, each settled when the server has it. */
export interface Acks {
  readonly acks: readonly Promise<void>[];
}

interface Host {
  handle(event: PipeEndEvent): void;
  /** Called after each step. */
  changed(): void;
  /** Ends the pipe, which failed. Calls {@link PipeDriver.close}. */
  close(error: MaltenError): void;
}

/** Runs the steps of one end, one after the other: publishes their frames, and hands their events to the pipe. */
export class PipeDriver {
  readonly end: PipeEnd;
  readonly #stream: ClientStream;
  readonly #host: Host;
  /** Steps of {@link end}, whose results are handled in order. */
  readonly #steps = new Sequence();
  readonly #timer: ReturnType<typeof setInterval>;
  /** Called when there may be room to send, or an end of everything. */
  #waiting: (() => void)[] = [];
  #closed: Closed | undefined;
  #isRecovering = false;
  /** Frames that the server has not acknowledged, by their text: to publish them again as well would add nothing. */
  readonly #unacknowledged = new Map<string, Promise<void>>();

  constructor(stream: ClientStream, end: PipeEnd, host: Host) {
    this.#stream = stream;
    this.end = end;
    this.#host = host;
    this.#timer = setInterval(() => void this.run(() => end.tick()), TICK);
  }

  /** Undefined until {@link close}. */
  get closed(): Closed | undefined {
    return this.#closed;
  }

  /** Runs a step, and closes the pipe if it fails. Resolves when the server has its frames. */
  async run(step: () => Promise<PipeStep>, timeout?: number): Promise<void> {
    try {
      const result = await this.perform(step, timeout);
      await Promise.all(result?.acks ?? []);
    } catch (error) {
      this.#host.close(MaltenError.of(error));
    }
  }

  /** Runs a step after those before it, and does what it asks for. @throws MaltenError if the pipe is closed */
  perform(step: () => Promise<PipeStep | undefined>, timeout = Infinity): Promise<Acks | undefined> {
    return this.#steps.run(async () => {
      if (this.#closed) throw this.#closed.error ?? closedError();
      const result = await step().catch((error: unknown) => {
        throw errorOf(error);
      });
      const acks = result?.frames.map((text) => this.#publish(text, timeout));
      for (const event of result?.events ?? []) this.#host.handle(event);
      this.wake();
      this.#host.changed();
      return acks && { acks };
    });
  }

  /** Runs a step that sends, once there is room for a frame. @throws MaltenError if the pipe is closed */
  async send(step: () => Promise<PipeStep>): Promise<Acks> {
    for (;;) {
      while (!this.#closed && this.end.capacity === 0) await this.change();
      const acks = await this.perform(async () => (this.end.capacity > 0 ? step() : undefined));
      if (acks) return acks;
    }
  }

  /** Sends again what may be lost, in both directions. */
  recover(): void {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    void this.run(() => {
      this.#isRecovering = false;
      return this.end.recover();
    });
  }

  /** Resolves after the next step, or when the pipe is closed. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Resolves every {@link change}. */
  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Runs no more steps, and erases the keys. Does not {@link wake}. Returns false if it was closed already. */
  close(error: MaltenError | undefined): boolean {
    if (this.#closed) return false;
    this.#closed = { kind: "closed", error };
    clearInterval(this.#timer);
    void this.#eraseKeys();
    return true;
  }

  async #eraseKeys(): Promise<void> {
    // What it would publish is not.
    await this.end.leave().catch(() => {});
  }

  /** Resolves when the server has the frame, or when it will be sent again. */
  #publish(text: string, timeout: number): Promise<void> {
    const known = this.#unacknowledged.get(text);
    if (known) return known;
    const sent = this.#stream.send(text, { timeout }).then(
      () => void this.#unacknowledged.delete(text),
      (thrown: unknown) => {
        this.#unacknowledged.delete(text);
        const error = MaltenError.of(thrown);
        // It may be lost. The other end recognises what it has already.
        if (error.code === "uncertain" || (error.transient && error.code !== "timeout"))
          return this.recover();
        this.#host.close(error);
        throw error;
      },
    );
    // Most frames are not waited for, and the pipe is closed in any case.
    sent.catch(() => {});
    this.#unacknowledged.set(text, sent);
    return sent;
  }
}

export function closedError(): MaltenError {
  return new MaltenError("closed", "The pipe is closed");
}

export function broken(text: string): MaltenError {
  return new MaltenError("pipe_broken", text);
}
