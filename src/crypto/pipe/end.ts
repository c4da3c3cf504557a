import { utf8, type Bytes } from "../bytes.ts";
import { sha256 } from "../primitives.ts";
import { PipeFailed } from "./failed.ts";
import { BYTES_PER_FRAME, fromEnvelope, Kind, toEnvelope, typeOf, type FrameType } from "./frame.ts";
import type { Invitation } from "./handshake.ts";
import type { Session, Step } from "./session.ts";
import type { PipeEnd, PipeEndState, PipeOptions, PipeStep } from "./types.ts";

/** Longest text, in bytes of UTF-8: 1024 characters of any script. */
const MAX_TEXT_BYTES = 4096;

/** What both ends have in common. */
export abstract class End implements PipeEnd {
  readonly #stream: string;
  readonly #psk: Bytes;
  protected readonly now: () => number;
  protected session: Session | undefined;
  protected status: PipeEndState = "waiting";
  #last: Promise<unknown> = Promise.resolve();

  constructor({ stream, secret, now }: PipeOptions) {
    this.#stream = stream;
    this.#psk = secret.slice();
    this.now = now;
  }

  get state(): PipeEndState {
    return this.status;
  }

  get words(): readonly string[] {
    return this.status === "joined" ? (this.session?.words ?? []) : [];
  }

  get capacity(): number {
    return this.status === "joined" ? (this.session?.capacity ?? 0) : 0;
  }

  get isDelivered(): boolean {
    return this.session?.isDelivered ?? true;
  }

  start(): Promise<PipeStep> {
    return this.#run((step) => this.begin(step));
  }

  receive(text: string): Promise<PipeStep> {
    return this.#run(async (step) => {
      if (this.status === "closed") return;
      const bytes = typeOf(text) === this.ownType ? undefined : fromEnvelope(text);
      if (bytes !== undefined) await this.handle(step, bytes);
      this.passed(step);
    });
  }

  sendText(text: string): Promise<PipeStep> {
    const content = utf8(text);
    if (content.length > MAX_TEXT_BYTES) throw new RangeError("A text has at most 1024 characters");
    return this.#send(1, (session, step) => session.send(step, Kind.Text, content));
  }

  sendBytes(bytes: Bytes): Promise<PipeStep> {
    const frames = Math.ceil(bytes.length / BYTES_PER_FRAME);
    return this.#send(frames, (session, step) => session.sendBytes(step, bytes));
  }

  sendEnd(): Promise<PipeStep> {
    return this.#send(1, (session, step) => session.send(step, Kind.End));
  }

  consumed(count: number): Promise<PipeStep> {
    return this.#run(async (step) => this.session?.consumed(step, count));
  }

  leave(reason = ""): Promise<PipeStep> {
    return this.#run(async (step) => {
      await this.session?.leave(step, reason);
      this.close();
    });
  }

  admit(): Promise<PipeStep> {
    return this.#run((step) => this.admitNext(step));
  }

  recover(): Promise<PipeStep> {
    return this.#run(async (step) => {
      this.sendAgain(step);
      await this.session?.recover(step);
    });
  }

  tick(): Promise<PipeStep> {
    return this.#run(async (step) => {
      await this.ticked(step);
      if (this.status === "joined") await this.session?.tick(step);
    });
  }

  /** The type of this end's frames, which come back from the stream. */
  protected abstract readonly ownType: FrameType;
  protected abstract begin(step: Step): void;
  /** Handles an envelope of the handshake or of the conversation. */
  protected abstract handle(step: Step, bytes: Bytes): Promise<void>;
  /** Called after each message of the stream. */
  protected abstract passed(step: Step): void;
  protected abstract ticked(step: Step): Promise<void> | void;
  protected abstract admitNext(step: Step): Promise<void> | void;
  /** Sends again what the handshake may have lost. */
  protected abstract sendAgain(step: Step): void;

  protected async invitation(): Promise<Invitation> {
    return { stream: await sha256(utf8(this.#stream)), psk: this.#psk };
  }

  protected publish(step: Step, bytes: Bytes): void {
    step.frames.push(toEnvelope(bytes));
  }

  /** Ends the pipe at this end and erases what it knows. */
  protected close(): void {
    this.session = undefined;
    this.status = "closed";
    this.#psk.fill(0);
  }

  #send(frames: number, send: (session: Session, step: Step) => Promise<void>): Promise<PipeStep> {
    return this.#run(async (step) => {
      const { session } = this;
      if (session === undefined || frames > this.capacity) {
        throw new RangeError("The pipe cannot take that much now: see its capacity");
      }
      await send(session, step);
    });
  }

  /** Runs one step after the others. */
  #run(work: (step: Step) => Promise<void> | void): Promise<PipeStep> {
    const run = this.#last.then(async () => {
      const step: Step = { frames: [], events: [] };
      try {
        await work(step);
      } catch (error) {
        if (!(error instanceof PipeFailed)) throw error;
        await this.session?.leave(step, error.message);
        this.close();
        step.events.push({ type: "failed", code: error.code, text: error.message });
      }
      return step;
    });
    // A step that failed is its caller's to handle.
    this.#last = run.catch(() => {});
    return run;
  }
}
