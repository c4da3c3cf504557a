import type { Pipe } from "../../client/encrypted/index.ts";
import { clockTime } from "../clock.ts";
import { Failure } from "../failure.ts";
import { linesOf } from "../lines.ts";
import { Meter } from "../meter.ts";
import { isolated, join, plain, type Plain } from "../plain.ts";
import type { Session } from "../session.ts";

/**
 * Carries standard input to the other end of a pipe, and what comes from there to standard output. Bytes, or lines of text where
 * standard input is a terminal.
 */
export class Carrier {
  readonly sent: Meter;
  readonly received: Meter;
  private readonly pipe: Pipe;
  private readonly session: Session;
  private readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  private hasSent = false;
  private isInputOver = false;

  /** @param now milliseconds of a clock that does not jump */
  constructor(pipe: Pipe, session: Session, now: () => number) {
    this.pipe = pipe;
    this.session = session;
    this.writer = pipe.writable.getWriter();
    this.sent = new Meter(now);
    this.received = new Meter(now);
  }

  /**
   * Resolves when both directions are at their end. Where either standard input or standard output is a terminal, only the other one
   * counts: `tar c dir | malten pipe`, `malten pipe | tar x`.
   * @param onShow called before something is shown on a terminal
   * @throws MaltenError or Failure if the pipe ends before
   */
  async run(onShow: () => Promise<void>): Promise<void> {
    const { input, output } = this.session;
    this.sent.begin();
    this.received.begin();
    const sending = input.isTTY === true ? this.sendLines() : this.sendBytes();
    const receiving = Promise.all([this.printTexts(onShow), this.printBytes(onShow)]);
    const leaving = this.left(sending, receiving);
    const isSendOnly = input.isTTY !== true && output.isTerminal;
    // When the pipe fails, all of them do; one error is enough.
    for (const work of [sending, receiving, leaving]) work.catch(() => {});
    const sent = sending.catch((error: unknown) => {
      if (hasLeft(this.pipe)) return leaving;
      throw error;
    });
    await Promise.race([isSendOnly ? sent : Promise.all([sent, receiving]), leaving]);
  }

  /** Leaves the pipe, so that the other end knows that something is missing. */
  async abort(reason: string): Promise<void> {
    await this.pipe.leave(reason);
  }

  /** Resolves if the other end leaves when everything has arrived here, and everything that was sent there. */
  private async left(sending: Promise<void>, receiving: Promise<unknown>): Promise<void> {
    const error = await closed(this.pipe);
    if (error) throw error;
    await receiving;
    // It had no need to wait for the news that nothing comes.
    if (!this.hasSent) return;
    if (this.isInputOver) await sending;
    else if (this.session.input.isTTY !== true)
      throw new Failure("the other end left before it had everything");
  }

  private async sendLines(): Promise<void> {
    const { input, output } = this.session;
    // With its output redirected, nobody expects that it waits for typing.
    const lines = output.isTerminal ? linesOf(input, "split") : [];
    for await (const { text } of lines) {
      if (text.trim() === "") continue;
      this.hasSent = true;
      await this.pipe.send(text);
    }
    await this.finish();
  }

  private async sendBytes(): Promise<void> {
    for await (const chunk of this.session.input) {
      this.hasSent = true;
      await this.writer.write(chunk);
      this.sent.add(chunk.length);
    }
    await this.finish();
  }

  private async finish(): Promise<void> {
    this.isInputOver = true;
    await this.writer.close();
  }

  private async printTexts(onShow: () => Promise<void>): Promise<void> {
    const { output } = this.session;
    for await (const { text, time } of this.pipe.messages()) {
      if (output.isTerminal) {
        await onShow();
        const clock = output.dim(plain`${clockTime(time, new Date())}`);
        await output.line(plain`${clock} ${terminalText(text)}`);
      } else await output.verbatim(text);
    }
  }

  private async printBytes(onShow: () => Promise<void>): Promise<void> {
    const { output } = this.session;
    const decoder = new TextDecoder();
    for await (const chunk of this.pipe.readable) {
      if (output.isTerminal) {
        await onShow();
        await output.write(terminalText(decoder.decode(chunk, { stream: true })));
      } else await output.bytes(chunk);
      this.received.add(chunk.length);
    }
  }
}

/** Text that is safe to print on a terminal, in lines. */
function terminalText(text: string): Plain {
  return join(text.replaceAll("\r\n", "\n").split("\n").map(isolated), "\n");
}

/** Whether the other end has left after it had sent everything. */
function hasLeft({ state }: Pipe): boolean {
  return state.kind === "closed" && state.error === undefined;
}

/** Resolves when the pipe is closed, with the reason if it is an error. */
function closed(pipe: Pipe): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const check = () => {
      if (pipe.state.kind === "closed") resolve(pipe.state.error);
    };
    pipe.onState(check);
    check();
  });
}
